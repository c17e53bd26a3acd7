// `/docs`: the API's description, to be read and tried out. A page of its own, so that nobody who writes a case loads it.
import '../style/tokens.css'
import 'swagger-ui-dist/swagger-ui.css'
import './docs.css'
import licence from 'swagger-ui-dist/LICENSE?url'
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'
import { readPerson } from './who'

const page = document.documentElement
const dark = matchMedia('(prefers-color-scheme: dark)')

/** Swagger UI has a dark half of its own; it follows the same choice as the rest of our pages. */
function followTheme(): void {
  const chosen = page.dataset['theme']
  page.classList.toggle('dark-mode', chosen === undefined ? dark.matches : chosen === 'dark')
}

async function sayWho(line: HTMLElement): Promise<void> {
  const name = await readPerson()
  line.textContent =
    name === null
      ? 'Nobody is signed in: sign in on the page, then come back to try things out.'
      : `Signed in as ${name}. What is tried out here is done for real.`
}

followTheme()
dark.addEventListener('change', followTheme)
const who = document.getElementById('who')
if (who !== null) void sayWho(who)
document.getElementById('licence')?.setAttribute('href', licence)

SwaggerUI({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  // Our models are read where they are used; a second list of all of them below only makes the page long.
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // Nothing of ours is sent to anybody's checker.
  validatorUrl: null,
})
