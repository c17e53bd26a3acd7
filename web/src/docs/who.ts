/** The name of whoever the session cookie signs in; null for nobody, or when the server does not say. */
export async function readPerson(): Promise<string | null> {
  try {
    const answer = await fetch('/api/me')
    return answer.ok ? nameIn(await answer.json()) : null
  } catch {
    return null
  }
}

/** `{person: {name}}`, or null for anything else. */
export function nameIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('person' in value)) return null
  const { person } = value
  if (typeof person !== 'object' || person === null || !('name' in person)) return null
  return typeof person.name === 'string' ? person.name : null
}
