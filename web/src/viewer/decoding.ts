/** From bytes of a pack to the numbers of a frame. */
import type { Size } from './geometry'
import type { Pixels, Place } from './manifest'

export type Numbers = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array

/** One frame: row by row; of colours red, green, blue of one pixel after the other. */
export interface Frame extends Size {
  readonly samples: 1 | 3
  readonly numbers: Numbers
}

/** Something that is not as its manifest says. */
export class Undecodable extends Error {}

/** Bytes `place` of the object at `url`, and nothing else of it. Throws for whatever a store answers instead. */
export async function fetchPlace(url: string, { offset, length }: Place, stop: AbortSignal): Promise<ArrayBuffer> {
  const answer = await fetch(url, { headers: { range: `bytes=${offset}-${offset + length - 1}` }, credentials: 'omit', signal: stop })
  if (answer.status !== 206) throw new Error(`the store answered ${answer.status}`)
  return answer.arrayBuffer()
}

/** Throws `Undecodable`. */
export async function decode(pixels: Pixels, body: ArrayBuffer): Promise<Frame> {
  const { width, height, samples } = pixels
  const numbers = pixels.coding === 'gzip' ? numbersOf(pixels, await inflated(body)) : await painted(pixels, body)
  if (numbers.length !== width * height * samples) throw new Undecodable(`${numbers.length} numbers, not ${width * height * samples}`)
  return { width, height, samples, numbers }
}

async function inflated(body: ArrayBuffer): Promise<ArrayBuffer> {
  try {
    return await new Response(new Blob([body]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()
  } catch (error) {
    throw new Undecodable(error instanceof Error ? error.message : 'damaged')
  }
}

/** Little-endian, as every machine is on which a browser runs. Throws `Undecodable`. */
function numbersOf({ bits, type }: Pixels, body: ArrayBuffer): Numbers {
  try {
    switch (`${type} ${bits}`) {
      case 'unsigned 8':
        return new Uint8Array(body)
      case 'signed 8':
        return new Int8Array(body)
      case 'unsigned 16':
        return new Uint16Array(body)
      case 'signed 16':
        return new Int16Array(body)
      case 'unsigned 32':
        return new Uint32Array(body)
      case 'signed 32':
        return new Int32Array(body)
      case 'float 32':
        return new Float32Array(body)
      case 'float 64':
        return new Float64Array(body)
    }
  } catch {
    throw new Undecodable('half a number')
  }
  throw new Undecodable(`${type} numbers of ${bits} bits`)
}

/** A JPEG, by the browser's own decoder. */
async function painted({ width, height, samples }: Pixels, body: ArrayBuffer): Promise<Numbers> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(new Blob([body], { type: 'image/jpeg' }), { colorSpaceConversion: 'none' })
  } catch {
    throw new Undecodable('not a JPEG')
  }
  if (bitmap.width !== width || bitmap.height !== height) throw new Undecodable(`${bitmap.width} × ${bitmap.height} pixels`)
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Undecodable('no canvas')
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  const { data } = context.getImageData(0, 0, width, height)
  const numbers = new Uint8Array(width * height * samples)
  for (let pixel = 0, to = 0; to < numbers.length; pixel += 4) {
    for (let sample = 0; sample < samples; sample += 1, to += 1) numbers[to] = data[pixel + sample] ?? 0
  }
  return numbers
}
