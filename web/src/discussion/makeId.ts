/** Ids as the server makes them: 80 random bits, as 16 letters of base 32 (RFC 4648 §6), in lower case. */

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

export function makeId(): string {
  // One letter from each byte: 32 divides 256, so that all are as likely.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => ALPHABET.charAt(byte % 32)).join('')
}
