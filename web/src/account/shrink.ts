/**
 * A picture's middle, as the small square that is kept of it. Made here already, so that a photo from a telephone is sent
 * at once, whatever its format and size, and the place where it was taken never leaves the device. [ACC-23]
 */

/** A telephone's photos are a third of it; more would take the browser's memory. */
export const LARGEST_FILE_BYTES = 30_000_000

/** The server keeps less; the rest is for its own encoder to lose. */
const SIDE = 512
const TYPE = 'image/jpeg'
const QUALITY = 0.92

export interface Small {
  readonly file: Blob
  /** For an `<img>`. */
  readonly url: string
}

/** None: the browser cannot read it as a picture. */
export async function shrink(file: Blob): Promise<Small | null> {
  try {
    const picture = await createImageBitmap(file)
    const shorter = Math.min(picture.width, picture.height)
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = Math.min(SIDE, shorter)
    const context = canvas.getContext('2d')
    if (context === null) return null
    context.fillStyle = '#ffffff' // what is transparent
    context.fillRect(0, 0, canvas.width, canvas.height)
    const [left, top] = [(picture.width - shorter) / 2, (picture.height - shorter) / 2]
    context.imageSmoothingQuality = 'high'
    context.drawImage(picture, left, top, shorter, shorter, 0, 0, canvas.width, canvas.height)
    picture.close()
    const small = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, TYPE, QUALITY))
    return small === null ? null : { file: small, url: canvas.toDataURL(TYPE, QUALITY) }
  } catch {
    return null
  }
}
