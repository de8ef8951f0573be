import * as z from 'zod'

/**
 * One IndexedDB database in the form of Playwright's `storageState({ indexedDB: true })`. A record has
 * `key`/`value` where JSON can hold them, otherwise `keyEncoded`/`valueEncoded` (Playwright's serialisation, which
 * keeps Date, Uint8Array and the like).
 */
export const indexedDbSchema = z
  .object({
    name: z.string(),
    version: z.number(),
    stores: z.array(
      z.object({
        name: z.string(),
        keyPath: z.string().exactOptional(),
        keyPathArray: z.array(z.string()).exactOptional(),
        autoIncrement: z.boolean(),
        indexes: z.array(
          z.object({
            name: z.string(),
            keyPath: z.string().exactOptional(),
            keyPathArray: z.array(z.string()).exactOptional(),
            multiEntry: z.boolean(),
            unique: z.boolean(),
          }),
        ),
        records: z.array(
          z.object({
            key: z.unknown().exactOptional(),
            keyEncoded: z.unknown().exactOptional(),
            value: z.unknown().exactOptional(),
            valueEncoded: z.unknown().exactOptional(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'IndexedDb' })

export type IndexedDb = z.infer<typeof indexedDbSchema>

/** What one origin keeps in the browser beside cookies: an entry of storageState's `origins`. */
export const originStorageSchema = z
  .object({
    origin: z.string(),
    localStorage: z.array(z.object({ name: z.string(), value: z.string() })),
    indexedDB: z.array(indexedDbSchema).exactOptional(),
    sessionStorage: z
      .array(z.object({ name: z.string(), value: z.string() }))
      .exactOptional()
      .meta({ description: 'Of a tab of this origin, where the recipe asks for it.' }),
  })
  .meta({ id: 'OriginStorage' })

export type OriginStorage = z.infer<typeof originStorageSchema>
