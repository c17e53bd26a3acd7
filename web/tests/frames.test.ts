import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import { readFrame } from '../src/sync/frames'

const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16))

describe('readFrame', () => {
  test('knows the frames captured between the real provider and server', () => {
    expect(readFrame(fromHex('01640001020000'))).toEqual({ kind: 'edit', address: 'd', whole: true })
    expect(readFrame(fromHex('016400020c010107000401017402686900'))).toEqual({ kind: 'edit', address: 'd', whole: false })
    expect(readFrame(fromHex('01640801'))).toEqual({ kind: 'verdict', address: 'd', accepted: true })
    expect(readFrame(fromHex('01640800'))).toEqual({ kind: 'verdict', address: 'd', accepted: false })
    expect(readFrame(fromHex('0164070466756c6c'))).toEqual({ kind: 'closed', address: 'd', reason: 'full' })
    expect(readFrame(fromHex('016400000100'))).toEqual({ kind: 'question', address: 'd', has: new Uint8Array([0]) })
  })

  test('leaves sign-in, awareness, closing and pings alone', () => {
    for (const hex of ['0164020001540534e382e30', '016401050101000000', '016407', '09', '0a']) {
      expect(readFrame(fromHex(hex))).toEqual({ kind: 'other' })
    }
  })

  test('reads addresses in any script', () => {
    const encoder = createEncoder()
    writeVarString(encoder, 'Fall-Müller-症例/record~2')
    writeVarUint(encoder, 0)
    writeVarUint(encoder, 2)
    writeVarUint8Array(encoder, new Uint8Array([0, 0]))
    expect(readFrame(toUint8Array(encoder))).toEqual({ kind: 'edit', address: 'Fall-Müller-症例/record~2', whole: false })
  })

  test('does not throw on truncated or lying frames', () => {
    for (const hex of ['', '05', '0164', '016400', 'ffffffffffffffffffff', '7f6400']) {
      expect(readFrame(fromHex(hex))).toEqual({ kind: 'other' })
    }
  })
})
