import { expect, test } from 'vitest'
import { certificateLines } from '../../src/media/certificate'
import { readPages } from '../../src/media/pages'
import { fields } from '../../src/parse'

test('[GAL-11] what was done to a DICOM file is told in sentences, without a value of it', () => {
  const lines = certificateLines(
    fields({
      engine: 'consilium-dicom/1',
      edition: '2024b',
      actions: { removed: 12, emptied: 3, replaced: 2, 'date-shifted': 4, kept: 90 },
      uids_replaced: 7,
      kept_regions: [{}],
      blanked: [{}, {}],
      reviewed: true,
      proof: {},
      sha256_after: 'ab'.repeat(32),
    }),
  )
  expect(lines.join('\n')).toContain('2024b')
  expect(lines.join('\n')).toContain('15 values')
  expect(lines.some((line) => line.includes('2 areas'))).toBe(true)
  expect(lines.at(-1)).toContain('abab')
})

test('[GAL-11] of a photo, a film and a document too, and what is not known is left out', () => {
  const lines = (certificate: object): readonly string[] => certificateLines(fields(certificate))
  expect(lines({ format: 'photo-certificate/1', blanked: 0 })).toHaveLength(1)
  expect(lines({ format: 'video-certificate/1', pictures: 'encoded', sound: 'left-out', blanked: 1 })).toHaveLength(4)
  expect(lines({ format: 'pdf-certificate/1', of_tomorrow: {} })).toHaveLength(1)
})

test('[GAL-11] the pages of a document are found by its manifest, and a manifest of another kind holds none', () => {
  const pages = readPages({ format: 'media-manifest/1', page_content_type: 'image/webp', pages: [{ width: 10, height: 20, place: [5, 7] }] })
  expect(pages).toEqual({ contentType: 'image/webp', pages: [{ width: 10, height: 20, offset: 5, length: 7 }] })
  expect(readPages({ format: 'media-manifest/1', width: 3 })).toBeNull()
  expect(readPages({ format: 'media-manifest/2', pages: [] })).toBeNull()
})
