/** Windows that radiologists ask for by name. Of HU alone: of other numbers no such agreement exists. */

export interface Preset {
  /** Of the word for it. */
  readonly name: 'brain' | 'subdural' | 'stroke' | 'bone' | 'lung' | 'mediastinum' | 'abdomen' | 'liver'
  readonly centre: number
  readonly width: number
}

export const CT_PRESETS: readonly Preset[] = [
  { name: 'brain', centre: 40, width: 80 },
  { name: 'subdural', centre: 75, width: 215 },
  { name: 'stroke', centre: 32, width: 8 },
  { name: 'bone', centre: 600, width: 2800 },
  { name: 'lung', centre: -600, width: 1500 },
  { name: 'mediastinum', centre: 50, width: 350 },
  { name: 'abdomen', centre: 50, width: 400 },
  { name: 'liver', centre: 30, width: 150 },
]
