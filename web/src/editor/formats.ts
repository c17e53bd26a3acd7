/** What foreign HTML says by looks and we say by marks or letters: bold, italic, raised, lowered, struck out. */
import { STYLE, styleOf, unwrap, wrapInside } from './elements'

const RAISED = 'sup'
const LOWERED = 'sub'
const UP: Readonly<Record<string, string>> = letters('0123456789+-−=()', '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾')
const DOWN: Readonly<Record<string, string>> = letters('0123456789+-−=()', '₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎')

function letters(from: string, to: string): Record<string, string> {
  const made = [...to]
  return Object.fromEntries([...from].map((letter, at) => [letter, made[at] ?? letter]))
}

export function takeFormats(body: HTMLElement): void {
  for (const element of body.querySelectorAll(`[${STYLE}]`)) takeStyle(element, styleOf(element))
  for (const raised of body.querySelectorAll(RAISED)) shift(raised, UP)
  for (const lowered of body.querySelectorAll(LOWERED)) shift(lowered, DOWN)
  for (const struck of body.querySelectorAll('s,strike,del')) strike(struck)
}

/** They are bold by themselves. */
export function takeBoldOfTitles(body: HTMLElement): void {
  for (const bold of body.querySelectorAll(':is(h1,h2,h3,h4,h5,h6,th) :is(b,strong)')) unwrap(bold)
}

/** Bold and italic are often said in a style; Google's `<b style="font-weight: normal">` says the contrary. */
function takeStyle(element: Element, style: string): void {
  const weight = /font-weight:\s*(\w+)/i.exec(style)?.[1]?.toLowerCase()
  const inline = element.tagName === 'SPAN' || element.tagName === 'FONT'
  if (weight === 'normal' || weight === '400') {
    if (element.tagName === 'B' || element.tagName === 'STRONG') return unwrap(element)
  } else if (weight !== undefined && inline && (weight === 'bold' || Number(weight) >= 600)) wrapInside(element, 'strong')
  if (!inline) return
  if (/font-style:\s*italic/i.test(style)) wrapInside(element, 'em')
  if (/text-decoration[\w-]*:[^;]*line-through/i.test(style)) wrapInside(element, 's')
  const raised = /vertical-align:\s*(super|sub)\b/i.exec(style)?.[1]?.toLowerCase()
  if (raised !== undefined) wrapInside(element, raised === 'super' ? RAISED : LOWERED)
}

/** 10⁹ must not become 109. */
function shift(element: Element, signs: Readonly<Record<string, string>>): void {
  const text = element.textContent
  if (/\d/.test(text)) element.textContent = [...text].map((letter) => signs[letter] ?? letter).join('')
}

/** Tracked changes are done; what somebody struck out must not come back as if it held. */
function strike(element: Element): void {
  if (element.tagName === 'DEL' && (element.hasAttribute('datetime') || element.hasAttribute('cite'))) element.remove()
  else if (element.textContent.trim() !== '') element.replaceWith('~~', ...element.childNodes, '~~')
}
