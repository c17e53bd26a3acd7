/** What our own Markdown exports begin with, so that one that comes back is known. */
export const OUR_SIGN = '<!-- consilium-record -->'
