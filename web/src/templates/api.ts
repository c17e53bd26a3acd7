/** What the server tells of templates: what a new case can start with. */
import { type Answer, ask } from '../api'
import { type Fields, fields, list, number, text } from '../parse'
import { readSections, said, type Sections } from './prose'

export interface TemplateBrief {
  readonly id: string
  /** BCP 47. */
  readonly language: string
  readonly name: string
  readonly about: string
  readonly isRetired: boolean
  /** It came with Consilium, and can be made again what it was then. */
  readonly isDelivered: boolean
  /** 0: as delivered; a change is made on one version and makes the next. */
  readonly version: number
}

export interface Template extends TemplateBrief {
  readonly sections: Sections
}

/** What a person writes of a template. */
export interface Written {
  readonly name: string
  readonly about: string
  readonly sections: Sections
}

export const listTemplates = (): Promise<Answer<readonly TemplateBrief[]>> =>
  ask('GET', '/api/templates', null, (body) => list(body, 'templates', (each) => brief(fields(each))))

export const readTemplate = (id: string): Promise<Answer<Template>> => ask('GET', path(id), null, template)

export const addTemplate = (language: string, written: Written): Promise<Answer<Template>> =>
  ask('POST', '/api/templates', { language, ...body(written) }, template)

/** Refused as a conflict when `version` is not the newest. */
export const changeTemplate = (id: string, version: number, written: Written): Promise<Answer<Template>> =>
  ask('PUT', path(id), { version, ...body(written) }, template)

export const retireTemplate = (id: string, version: number, retired: boolean): Promise<Answer<Template>> =>
  ask('PUT', `${path(id)}/retired`, { version, retired }, template)

export const resetTemplate = (id: string): Promise<Answer<Template>> => ask('POST', `${path(id)}/reset`, {}, template)

function path(id: string): string {
  return `/api/templates/${encodeURIComponent(id)}`
}

function body({ name, about, sections }: Written): Written {
  return { name: name.trim(), about: about.trim(), sections: said(sections) }
}

function template(body: Fields): Template {
  return { ...brief(body), sections: readSections(body.get('sections')) }
}

function brief(from: Fields): TemplateBrief {
  return {
    id: text(from, 'id'),
    language: text(from, 'language'),
    name: text(from, 'name'),
    about: text(from, 'about'),
    isRetired: from.get('is_retired') === true,
    isDelivered: from.get('is_delivered') === true,
    version: number(from, 'version'),
  }
}
