// Preloaded (`node --import`) before the clients: their minutes pass RATE times as fast, so that what they do about silence shows soon.
const RATE = Number(process.env.CLOCK_RATE ?? '1')
const started = Date.now()
const now = Date.now
Date.now = () => started + (now() - started) * RATE
for (const name of ['setTimeout', 'setInterval']) {
  const original = globalThis[name]
  globalThis[name] = (work, millis = 0, ...rest) => original(work, millis / RATE, ...rest)
}
