export { isNewer, type Version } from '@session-broker/shared'
