/** Who keeps the templates of the house; the server decides it again with every change (workspace/policy.py). */
import type { Me } from '../api'

export function mayEditTemplates({ standing }: Pick<Me, 'standing'>): boolean {
  return standing === 'moderator'
}
