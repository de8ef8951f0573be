export * from './keep-own-sites.ts'
export * from './site-of.ts'
