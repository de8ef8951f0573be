// The gallery for people to look at: opens all doors, says who can sign in where, and stays until Ctrl-C.
import { startGallery } from './start-gallery.ts'

const { url, doors } = await startGallery()
for (const { name, language, loginUrl, username, password, totpSecret = '' } of doors)
  console.log([name, language, loginUrl, username, password, totpSecret].join('\t'))
console.log(`All of them: ${url}`)
