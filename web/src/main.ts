import './style/tokens.css'
import './style/base.css'
import './style/print.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { speak } from './i18n'

const target = document.getElementById('app')
if (target === null) throw new Error('The page has no element "app".')
await speak(null)
mount(App, { target })
