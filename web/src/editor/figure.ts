/**
 * One of the gallery in the text, by reference: the node keeps its name and what it was called when it was put there, never an
 * address. Who may not see it, or where it was removed, reads that it is not available.
 */
import { type Editor, Node, type NodeViewRenderer } from '@tiptap/core'
import { type Node as ProseNode, Fragment } from '@tiptap/pm/model'
import { NodeSelection, TextSelection } from '@tiptap/pm/state'
import { t } from '../i18n'
import { type Carried, pack, unpack } from '../viewer/carried'
import type { Size } from '../viewer/geometry'
import { figureWords, MAX_LABEL, short } from './figureWords'
import { blank, showKept } from './keptView'

const MEDIA = /^[a-z2-7]{16}$/
const LONGEST_VIEW = 400

/** How one of the gallery stands in a text. */
export interface ShownFigure {
  readonly name: string
  readonly alt: string
  readonly thumbnail: { readonly url: string } | null
}

export interface FigureSource {
  /** `unknown`: the gallery was not read yet. */
  readonly find: (media: string) => ShownFigure | 'unknown' | null
  /** Tells whenever the gallery or the language changes, until what it returns is called. */
  readonly watch: (tell: () => void) => () => void
  /** Paints a view, as large as it stands in the text; tells its address, or null where it cannot be had. Until what it returns is called. */
  readonly still: (media: string, view: Carried, pixels: Size, at: Element, told: (address: string | null) => void) => () => void
  /** `view`: exactly so; else as it comes. */
  readonly open: (media: string, view: Carried | null) => void
  /** A thumbnail could not be loaded. */
  readonly failed: () => void
}

export interface FigureAttributes {
  readonly media: string | null
  readonly label: string | null
  /** How it was looked at by whoever put it there, as `pack` spells it, in JSON. */
  readonly view: Carried | null
}

interface Options {
  /** None: where a text is read without its case. */
  readonly source: FigureSource | null
}

export const Figure = Node.create<Options>({
  name: 'figure',
  group: 'block',
  atom: true,
  draggable: true,
  selectable: true,

  addOptions: () => ({ source: null }),

  addAttributes() {
    return {
      media: { default: null, parseHTML: (element) => mediaOf(element.dataset['media']), rendered: false },
      label: { default: null, parseHTML: (element) => short(element.dataset['label']), rendered: false },
      view: { default: null, parseHTML: (element) => spelledView(element.dataset['view']), rendered: false },
    }
  },

  parseHTML() {
    return [{ tag: 'figure[data-type="figure"][data-media]' }]
  },

  renderHTML({ node }) {
    const { media, label } = attributesOf(node)
    const view = spelledView(node.attrs['view'])
    const said = { 'data-type': 'figure', 'data-media': media ?? '', 'data-label': label ?? '' }
    return ['figure', view === null ? said : { ...said, 'data-view': view }, figureWords(label)]
  },

  renderText({ node }) {
    return figureWords(attributesOf(node).label)
  },

  addNodeView() {
    const { source } = this.options
    return source === null ? null : viewOf(source)
  },
})

export function attributesOf(node: ProseNode): FigureAttributes {
  return { media: mediaOf(node.attrs['media']), label: short(node.attrs['label']), view: viewIn(node.attrs['view']) }
}

/** Between blocks, below where the caret is: never into the middle of a sentence, a list or a table. */
export function insertFigure(editor: Editor, media: string, label: string, view: Carried | null = null): boolean {
  return editor
    .chain()
    .focus()
    .command(({ tr, state: { schema }, dispatch }) => {
      const type = schema.nodes['figure']
      const paragraph = schema.nodes['paragraph']
      const { $from } = tr.selection
      if (type === undefined || paragraph === undefined) return false
      if (dispatch === undefined) return true
      const block = $from.depth === 0 ? tr.doc.nodeAt($from.pos) : $from.node(1)
      const start = $from.depth === 0 ? $from.pos : $from.before(1)
      const isBlank = block !== null && block.isTextblock && block.content.size === 0
      const at = isBlank ? start : start + (block?.nodeSize ?? 0)
      if (isBlank) tr.delete(at, at + block.nodeSize)
      const isLast = at === tr.doc.content.size
      const figure = type.create({ media, label: label.slice(0, MAX_LABEL), view: view === null ? null : JSON.stringify(pack({ ...view, pointer: null, isPlaying: false })) })
      tr.insert(at, isLast ? Fragment.from([figure, paragraph.create()]) : figure)
      tr.setSelection(TextSelection.near(tr.doc.resolve(at + figure.nodeSize))).scrollIntoView()
      return true
    })
    .run()
}

function viewOf(source: FigureSource): NodeViewRenderer {
  return ({ node, editor, getPos }) => {
    const dom = document.createElement('figure')
    dom.className = 'figure'
    dom.contentEditable = 'false'
    let shown = node
    /** So that a tick of the gallery that changes nothing here draws nothing anew. */
    let drawn = ''
    let leave = (): void => undefined

    const draw = (): void => {
      const { media, label, view } = attributesOf(shown)
      const found = media === null ? null : source.find(media)
      const key = JSON.stringify([media, label, view, found, t('media.notAvailable')])
      if (key === drawn) return
      drawn = key
      leave()
      leave = () => undefined
      if (found === null || found === 'unknown' || media === null) return dom.replaceChildren(...absent(label, found === 'unknown'))
      dom.replaceChildren(...picture(media, view === null ? found : { ...found, name: label ?? found.name }, view, source))
      if (view !== null) leave = showKept(dom, found.thumbnail?.url ?? null, view, (size, told) => source.still(media, view, size, dom, told))
    }
    draw()
    const stop = source.watch(draw)

    /** A click on the words selects it, as one selects a picture elsewhere. */
    dom.addEventListener('mousedown', (event) => {
      const at = getPos()
      if (at === undefined || !editor.isEditable || (event.target instanceof Element && event.target.closest('button') !== null)) return
      editor.view.dispatch(editor.state.tr.setSelection(NodeSelection.create(editor.state.doc, at)))
    })
    return {
      dom,
      update(next) {
        if (next.type !== shown.type) return false
        shown = next
        draw()
        return true
      },
      selectNode: () => dom.classList.add('selected'),
      deselectNode: () => dom.classList.remove('selected'),
      stopEvent: (event) => event.target instanceof Element && event.target.closest('button') !== null && !event.type.startsWith('drag'),
      ignoreMutation: () => true,
      destroy() {
        stop()
        leave()
      },
    }
  }
}

function picture(media: string, { name, alt, thumbnail }: ShownFigure, view: Carried | null, source: FigureSource): readonly HTMLElement[] {
  const button = document.createElement('button')
  button.type = 'button'
  button.ariaLabel = t('media.openNamed', { name })
  button.addEventListener('click', () => source.open(media, view))
  if (view !== null) button.append(blank(view, alt))
  else if (thumbnail === null) button.textContent = t('media.noPreview')
  else {
    const image = document.createElement('img')
    image.src = thumbnail.url
    image.alt = alt
    image.draggable = false
    image.addEventListener('error', () => source.failed(), { once: true })
    button.append(image)
  }
  const caption = document.createElement('figcaption')
  caption.textContent = name
  return [button, caption]
}

function absent(label: string | null, isUnknown: boolean): readonly HTMLElement[] {
  const words = document.createElement('figcaption')
  words.className = 'absent'
  words.textContent = isUnknown ? figureWords(label) : label === null ? t('media.notAvailable') : t('media.notAvailableNamed', { name: label })
  return [words]
}

/** Of text that others wrote; null for what is no view. */
function viewIn(value: unknown): Carried | null {
  if (typeof value !== 'string' || value.length > LONGEST_VIEW) return null
  try {
    return unpack(JSON.parse(value))
  } catch {
    return null
  }
}

function spelledView(value: unknown): string | null {
  const view = viewIn(value)
  return view === null ? null : JSON.stringify(pack(view))
}

function mediaOf(value: unknown): string | null {
  return typeof value === 'string' && MEDIA.test(value) ? value : null
}
