/** The two documents of a case that a page opens, and how their words are read. */
import { SECTION_NAMES } from '../sections'
import { type Words, wordsOfSections } from '../sync/writing'
import type { Kind } from './around'
import { DISCUSSION, discussionWords } from '../discussion/words'

export const RECORD_KIND: Kind = { name: 'record', right: 'write record', sections: SECTION_NAMES, words: wordsOfSections(SECTION_NAMES) }
export const DISCUSSION_KIND: Kind = { name: DISCUSSION, right: 'write discussion', sections: [], words: discussionWords }

/** By a document's address, `{case}/{document}`. */
export function wordsOf(address: string): Words {
  const [, document = ''] = address.split('/')
  return (document.split('~')[0] === DISCUSSION ? DISCUSSION_KIND : RECORD_KIND).words
}
