import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { contentSchema } from '../../src/editor/extensions'
import { attributesOf } from '../../src/editor/figure'
import { isKnown } from '../../src/editor/known'
import { type Carried, pack } from '../../src/viewer/carried'

const MEDIA = 'abcdefghijklmnop'
const VIEW: Carried = {
  media: MEDIA,
  frame: 3,
  view: { centre: { x: 1, y: 2 }, extent: { width: 3, height: 4 }, turn: 90, isMirrored: true },
  window: { centre: 40, width: 400 },
  isInverted: false,
  seconds: null,
  isPlaying: false,
  pointer: null,
}

function figure(attributes: Readonly<Record<string, string>>): Y.XmlFragment {
  const fragment = new Y.Doc().getXmlFragment('imaging')
  const element = new Y.XmlElement('figure')
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  fragment.insert(0, [element])
  return fragment
}

test('[FOL-12] a figure knows the view that it opens as, and one without it is as before', () => {
  const schema = contentSchema()
  const type = schema.nodes['figure']
  if (type === undefined) throw new Error('there are no figures')
  const spelled = JSON.stringify(pack(VIEW))
  expect(isKnown(figure({ media: MEDIA, label: 'Here', view: spelled }), schema)).toBe(true)
  expect(isKnown(figure({ media: MEDIA, label: 'Here' }), schema)).toBe(true)
  expect(attributesOf(type.create({ media: MEDIA, label: 'Here', view: spelled }))).toEqual({ media: MEDIA, label: 'Here', view: VIEW })
  expect(attributesOf(type.create({ media: MEDIA, label: 'Here' }))).toEqual({ media: MEDIA, label: 'Here', view: null })
  // Nothing more goes into the document than before, so that earlier pages know it.
  expect(type.create({ media: MEDIA, label: 'Here' }).attrs['view']).toBeNull()
})

test('[FOL-12] what is no view opens as it comes', () => {
  const type = contentSchema().nodes['figure']
  for (const bad of ['', 'x', '[]', '{', '[1]', 7, null, 'x'.repeat(10_000)]) {
    expect(type === undefined ? null : attributesOf(type.create({ media: MEDIA, label: 'Here', view: bad })).view).toBeNull()
  }
})
