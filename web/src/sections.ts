/** The sections of the record, in reading order: the names of the fragments in the document, and what belongs in each. */

export interface Section {
  readonly name: string
  readonly title: string
  /** Shown while the section is empty. */
  readonly hint: string
  /** The page opens on what clinicians read first; the rest is folded. */
  readonly first: boolean
}

/** Headings inside a section stand below the section's own. */
export const HEADING_LEVEL = 3

export const SECTIONS: readonly Section[] = [
  {
    name: 'summary',
    title: 'Summary',
    hint: 'One line on the patient, and the question for the room.',
    first: true,
  },
  {
    name: 'impression',
    title: 'Impression',
    hint: 'What you think is going on, and what speaks for and against it.',
    first: true,
  },
  {
    name: 'plan',
    title: 'Plan',
    hint: 'What happens next, who does it, and by when.',
    first: true,
  },
  {
    name: 'history',
    title: 'History',
    hint: 'Presenting complaint, past history, medicines, allergies, family and social history. No names, no dates of birth.',
    first: false,
  },
  {
    name: 'examination',
    title: 'Examination',
    hint: 'Vital signs and findings, with the time they were taken.',
    first: false,
  },
  {
    name: 'investigations',
    title: 'Investigations',
    hint: 'Laboratory values with units and reference ranges, pathology, physiology.',
    first: false,
  },
  {
    name: 'imaging',
    title: 'Imaging',
    hint: 'What was imaged, when, and the finding in words.',
    first: false,
  },
  {
    name: 'timeline',
    title: 'Timeline',
    hint: 'What happened in which order: day 0 is the day of presentation.',
    first: false,
  },
  {
    name: 'outcome',
    title: 'Outcome',
    hint: 'The final diagnosis, how it was reached, and how the patient is.',
    first: false,
  },
]
