// @vitest-environment jsdom
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOMParser as SchemaParser, type Node } from '@tiptap/pm/model'
import { describe, expect, test } from 'vitest'
import { clean } from '../src/editor/clean'
import { contentSchema } from '../src/editor/extensions'

const schema = contentSchema()

/** What a section would hold after a paste, one block a line. */
function pasted(html: string): string[] {
  const doc = SchemaParser.fromSchema(schema).parse(clean(html).body)
  doc.check()
  return lines(doc)
}

function lines(node: Node, depth = 0): string[] {
  const indent = '  '.repeat(depth)
  const inner = (deeper: number): string[] => node.children.flatMap((child) => lines(child, deeper))
  switch (node.type.name) {
    case 'doc':
      return inner(0)
    case 'paragraph':
      return [`${indent}${inline(node)}`]
    case 'heading':
      return [`${indent}h${node.attrs['level']} ${inline(node)}`]
    case 'tableRow':
      return [`${indent}| ${node.children.map((cell) => `${cell.type.name === 'tableHeader' ? '!' : ''}${lines(cell).join(' ')}`).join(' | ')}`]
    case 'tableCell':
    case 'tableHeader': {
      const [wide, high] = [node.attrs['colspan'], node.attrs['rowspan']]
      return [`${wide === 1 ? '' : `(${wide} wide) `}${high === 1 ? '' : `(${high} high) `}${node.children.map(inline).join(' / ')}`]
    }
    case 'taskItem':
      return [`${indent}[${node.attrs['checked'] === true ? 'x' : ' '}]`, ...inner(depth + 1)]
    case 'orderedList':
      return [`${indent}ol ${node.attrs['start']}`, ...inner(depth)]
    case 'listItem':
      return [`${indent}-`, ...inner(depth + 1)]
    default:
      return [`${indent}${node.type.name}`, ...inner(depth)]
  }
}

function inline(node: Node): string {
  return node.children
    .map((child) => {
      const words = child.isText ? (child.text ?? '') : child.type.name === 'hardBreak' ? '⏎' : `<${child.type.name}>`
      return child.marks.reduce((said, { type, attrs }) => (type.name === 'link' ? `[${said}](${attrs['href']})` : type.name === 'bold' ? `*${said}*` : `_${said}_`), words)
    })
    .join('')
    .replaceAll('\u00a0', '~')
}

function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, 'clipboard', `${name}.html`), 'utf-8')
}

describe('[WRT-7] what is pasted becomes what a section knows', () => {
  test('from Word: its fake lists are lists, headings keep their rank, tracked changes are done, comments stay behind', () => {
    expect(pasted(fixture('word365'))).toEqual([
      'h3 Neurology consult',
      'h4 1. Course',
      'Four thunderclap headaches in *six days*; each _peaks within a minute_. BP 178/104a.',
      'bulletList',
      '-',
      '  RCVS',
      '  bulletList',
      '  -',
      '    bromocriptine as the trigger',
      '-',
      '  Venous sinus thrombosis',
      '[A fictional reference](https://doi.org/10.1000/fictional.182) added',
      'ol 3',
      '-',
      '  Stop bromocriptine',
      '-',
      '  Nimodipine 60 mg every 4 h',
      'table',
      '| !Day | !Finding',
      '| (2 wide) 9: CT normal',
    ])
    expect(clean(fixture('word365')).images).toBe(1)
  })

  test('from Google Docs: one bold that means none, bold in styles, lists in lists, boxes to tick, links without the detour', () => {
    expect(pasted(fixture('google-docs'))).toEqual([
      'h3 Ward round, day 9',
      'Headache is *better*, vision _unchanged_. See [the paper](https://doi.org/10.1000/fictional.182).',
      'bulletList',
      '-',
      '  Blood pressure',
      '  bulletList',
      '  -',
      '    below 140 systolic',
      '-',
      '  Nimodipine',
      'taskList',
      '[x]',
      '  Repeat the angiogram',
      '[ ]',
      '  Call obstetrics',
      'table',
      '| Sodium | 139 mmol/l',
    ])
    expect(clean(fixture('google-docs')).images).toBe(0)
  })

  test('from LibreOffice: line ends in the source are spaces, raised numbers stay raised, tables keep their head', () => {
    expect(pasted(fixture('libreoffice'))).toEqual([
      'h3 Laboratory',
      'Haemoglobin *121 g/l*, _platelets_ 412 × 10⁹/l',
      'ol 1',
      '-',
      '  Repeat the count',
      '  ol 1',
      '  -',
      '    with a smear',
      '-',
      '  Ask haematology',
      'table',
      '| !Value | !Range',
      '| CRP 4 mg/l | < 5',
    ])
  })

  test('from Outlook: a div is a paragraph, blank ones go, links lead where they say', () => {
    expect(pasted(fixture('outlook'))).toEqual([
      'Dear Amara,',
      'the angiogram is *on Thursday*.~Details in [the portal](https://example.org/imaging) or from [radiology@example.org](mailto:radiology@example.org).',
      'bulletList',
      '-',
      '  nothing to eat after midnight',
      '-',
      '  eGFR from today',
      'Jonas',
      '*From:*~Amara Okafor⏎*Subject:*~When is the angiogram?',
    ])
  })

  test('from the web: words without scripts, forms, frames, pictures and addresses that run something', () => {
    expect(pasted(fixture('web-page'))).toEqual([
      '[Home](https://example.org/)',
      'h3 Reversible vasoconstriction',
      'h4 Findings',
      'Angiography shows *beading* in _most_ patients ([review](https://example.org/review?a=1&b=2)).',
      'Figure 1. A fictional angiogram.',
      'Scores',
      'table',
      '| !RCVS2 | !Meaning',
      '| (2 wide) ≥ 5',
      '| likely',
      'taskList',
      '[ ]',
      '  Treat',
      '  bulletList',
      '  -',
      '    calcium channel blocker',
      '[x]',
      '  Stop triggers',
      'TCD',
      'transcranial Doppler',
      'More',
      'Quoted.',
      'line one⏎line two',
      '@Dr Nobody',
    ])
    const left = clean(fixture('web-page')).body.innerHTML
    expect(left).not.toMatch(/<(?:script|style|link|iframe|object|img|svg|video|form|input|base)|\son\w+=|style=|src=|javascript:/i)
  })

  test.each([
    ['412 × 10<sup>9</sup>/l, 10<sup>-3</sup>', '412 × 10⁹/l, 10⁻³'],
    ['Na<sub>2</sub>CO<sub>3</sub>', 'Na₂CO₃'],
    ['10<span style="font-size:0.6em;vertical-align:super">6</span>', '10⁶'],
    ['the 1<sup>st</sup> of', 'the 1st of'],
    ['<s>warfarin 5 mg</s> apixaban', '~~warfarin 5 mg~~ apixaban'],
    ['<span style="text-decoration: line-through">warfarin</span> apixaban', '~~warfarin~~ apixaban'],
    ['<del datetime="2026-03-01">warfarin</del> apixaban', 'apixaban'],
    ['seen<span style="display:none;mso-hide:all"> hidden</span>', 'seen'],
  ])('no number and no word changes its meaning: %s', (html, words) => {
    expect(pasted(`<p>${html}</p>`)).toEqual([words])
  })

  test('[GAL-9] a figure is one only of this case, and words otherwise', () => {
    const html = '<p>a</p><figure data-type="figure" data-media="abcdefghijklmnop" data-label="CT" onclick="x()"><img src="https://elsewhere.example/x.png">[Figure: CT]</figure>'
    const ours = clean(html, { isMedia: (id) => id === 'abcdefghijklmnop' }).body
    expect(ours.querySelector('figure')?.getAttributeNames().sort()).toEqual(['data-label', 'data-media', 'data-type'])
    expect(ours.querySelector('img')).toBeNull()
    const foreign = clean(html).body
    expect(foreign.querySelector('figure')).toBeNull()
    expect(foreign.textContent).toContain('[Figure: CT]')
  })

  test('a mention is one only of a member', () => {
    const html = '<p><span data-type="mention" data-id="aaaaaaaaaaaaaaaa" data-label="Dr Ada">@Dr Ada</span></p>'
    expect(clean(html, { isMember: (id) => id === 'aaaaaaaaaaaaaaaa' }).body.querySelectorAll('[data-type="mention"]')).toHaveLength(1)
    expect(clean(html, { isMember: () => false }).body.innerHTML).toBe('<p>@Dr Ada</p>')
  })

  test('nothing is too deep', () => {
    const deep = 500 // a browser's parser goes no deeper
    expect(pasted(`${'<div>'.repeat(deep)}down here${'</div>'.repeat(deep)}`)).toEqual(['down here'])
  })
})
