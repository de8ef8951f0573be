/** What a document shows, as far as signing in has to know: plain data, and never what stands in a field. */
export interface DocumentSeen {
  /** Differs for each document: the time of its navigation. */
  document: number
  /** Without query and fragment. */
  url: string
  /** Whether all of it has come, and it does not say that it goes on to another by itself. */
  complete: boolean
  title: string
  /** What can be read, at most 20,000 characters, a line for each block. */
  text: string
  fields: FieldSeen[]
  buttons: ButtonSeen[]
  /** What lies over the page: dialogs, banners that stay where they are. */
  overlays: OverlaySeen[]
  /** What each picture and field that is shown is called: its id, class, name, source and placeholder; at most 300. */
  names: string[]
}

/** Where an element lies in the window, in CSS pixels. */
export interface Place {
  left: number
  top: number
  width: number
  height: number
}

/** A field that somebody who looks at the page can fill in. */
export interface FieldSeen extends Place {
  /** Its place among the handed out elements. */
  element: number
  /** `text`, `password`, `email`, `select`, `textarea` … */
  type: string
  name: string
  id: string
  autocomplete: string
  inputMode: string
  /** Its label, placeholder, title, or else the text before it. */
  label: string
  /** -1: no limit. */
  maxLength: number
  /** Which `<form>` it belongs to; -1: none. */
  form: number
  /** Whether something stands in it already. */
  filled: boolean
  /** Reachable by the Tab key: traps for machines often are not. */
  tabbable: boolean
  readOnly: boolean
  checked: boolean
}

export interface ButtonSeen extends Place {
  element: number
  /** What it says, its label or its value. */
  text: string
  kind: 'submit' | 'button' | 'link'
  form: number
  /** The overlay it lies in; -1: the page itself. */
  overlay: number
  disabled: boolean
}

export interface OverlaySeen {
  /** Its first 600 characters. */
  text: string
  modal: boolean
}
