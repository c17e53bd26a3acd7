// Runs before anything is painted, so that the page never flashes in the other theme. Not a module, and not inline: the
// Content-Security-Policy allows neither inline code nor a late choice.
try {
  var theme = localStorage.getItem('consilium.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch (refused) {
  // A browser that keeps nothing for us: the theme is the system's.
}
