// What axe does not look at, asked of the page itself. Each answer is a list of sentences; an empty one is good.
(() => {
  const USABLE =
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role^=menuitem], [role=tab], ' +
    '[role=option], [role=checkbox], [role=radio], [role=switch], [contenteditable=true], [tabindex]'

  const seen = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) &&
    element.getClientRects().length > 0 &&
    element.closest('[inert]') === null &&
    getComputedStyle(element).clipPath !== 'inset(50%)'

  const scope = () => [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body

  const name = (element) => {
    const words = (element.getAttribute('aria-label') ?? element.innerText ?? element.getAttribute('name') ?? '').trim().replace(/\s+/g, ' ')
    return `<${element.localName}${element.id === '' ? '' : ` id=${element.id}`}> “${words.slice(0, 50)}”`
  }

  /** In a sentence a link is as large as its words (WCAG 2.5.8, inline). */
  const inText = (element) => {
    if (getComputedStyle(element).display !== 'inline') return false
    const around = element.closest('p, li, dd, td, .prose')
    return around !== null && around.innerText.trim().length > element.innerText.trim().length
  }

  /** The control, with its label where that takes the click too. */
  const area = (element) => {
    const label = element.closest('label') ?? (element.labels?.[0] ?? null)
    const own = element.getBoundingClientRect()
    if (label === null || !/^(checkbox|radio)$/.test(element.type)) return own
    const wide = label.getBoundingClientRect()
    return { width: Math.max(own.width, wide.width), height: Math.max(own.height, wide.height) }
  }

  /** Larger ones would hide what they hold. */
  const isGrip = (element) => element.matches('.marks .grip') && area(element).width >= 24

  const targets = (least) =>
    [...scope().querySelectorAll(USABLE)]
      .filter((element) => seen(element) && element.tabIndex >= -1 && !inText(element) && !isGrip(element))
      .filter((element) => !/^(h1|h2|h3|main|section|div|ul|ol|table|dialog)$/.test(element.localName) || element.matches('[role]:not([role=toolbar], [role=menu], [role=region], [role=group], [role=tabpanel])'))
      .map((element) => ({ element, size: area(element) }))
      .filter(({ size }) => size.width < least - 0.5 || size.height < least - 0.5)
      .map(({ element, size }) => `${name(element)} is ${Math.round(size.width)} × ${Math.round(size.height)}`)

  const tooWide = () => {
    const root = document.documentElement
    if (root.scrollWidth <= root.clientWidth) return []
    const guilty = [...document.body.querySelectorAll('*')].filter((each) => seen(each) && each.getBoundingClientRect().right > root.clientWidth + 1)
    return [`the page is ${root.scrollWidth} wide at ${root.clientWidth}: ${guilty.slice(0, 3).map(name).join(', ')}`]
  }

  const longLines = (most) =>
    [...document.querySelectorAll('main p, main .prose, main li')]
      .filter((each) => seen(each) && each.getBoundingClientRect().width > most && each.innerText.length > 120)
      .map((each) => `${name(each)} is ${Math.round(each.getBoundingClientRect().width)} wide`)

  /** Words cut off by their box, apart from those that end in an ellipsis on purpose. */
  const cut = () =>
    [...scope().querySelectorAll('*')]
      .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '') && seen(each))
      .filter((each) => {
        const style = getComputedStyle(each)
        if (style.textOverflow === 'ellipsis') return false
        const hides = (overflow) => overflow === 'hidden' || overflow === 'clip'
        return (hides(style.overflowY) && each.scrollHeight > each.clientHeight + 2) || (hides(style.overflowX) && each.scrollWidth > each.clientWidth + 2)
      })
      .map(name)

  /** What Tab must come to. Of radio buttons with one name only one takes the focus: the chosen one, if any is. */
  const reachable = () => {
    const groups = new Set()
    return [...scope().querySelectorAll(`${USABLE}, iframe, [controls]`)].filter((element) => {
      if (!seen(element) || element.tabIndex < 0 || element.disabled === true) return false
      if (element.localName === 'input' && element.type === 'radio') {
        const chosen = scope().querySelector(`input[type=radio][name="${CSS.escape(element.name)}"]:checked`)
        if (chosen === null ? groups.has(element.name) : chosen !== element) return false
        groups.add(element.name)
      }
      return true
    })
  }

  const startWalk = () => {
    document.querySelectorAll('[data-walked]').forEach((each) => each.removeAttribute('data-walked'))
    const start = scope() // Tab goes on from where the focus was last, also after a blur
    start.tabIndex = -1
    start.focus()
    start.removeAttribute('tabindex')
    window.__last = null
  }

  /** Where the focus is: whether it was here before, and what is wrong with how it is shown. */
  const step = () => {
    const element = document.activeElement
    if (element === null || element === document.body || element === document.documentElement) return { kind: 'outside' }
    if (element.hasAttribute('data-walked')) return { kind: 'again', name: name(element), same: element === window.__last }
    element.setAttribute('data-walked', '')
    window.__last = element
    return { kind: 'new', name: name(element), wrong: [hidden(element), unmarked(element)].filter((each) => each !== null) }
  }

  const hidden = (element) => {
    const box = element.getBoundingClientRect()
    const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)]
    const [right, bottom] = [Math.min(box.right, innerWidth), Math.min(box.bottom, innerHeight)]
    if (right - left < 2 || bottom - top < 2) return `${name(element)} has the focus outside of the window`
    const at = (share, from, to) => from + (to - from) * share
    const points = [0.05, 0.3, 0.5, 0.7, 0.95].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [at(x, left, right), at(y, top, bottom)]))
    const free = points.filter(([x, y]) => {
      const there = document.elementFromPoint(x, y)
      return there !== null && (element.contains(there) || there.contains(element) || there.closest('label')?.control === element)
    })
    return free.length === 0 ? `${name(element)} has the focus under something else` : null
  }

  const unmarked = (element) => {
    const marked = (each) => {
      const style = getComputedStyle(each)
      return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none'
    }
    return marked(element) || (element.parentElement !== null && marked(element.parentElement)) ? null : `${name(element)} has the focus and does not show it`
  }

  const missed = () => reachable().filter((each) => !each.hasAttribute('data-walked')).map(name)

  window.eyes = { targets, tooWide, longLines, cut, startWalk, step, missed, reachable: () => reachable().length }
})()
