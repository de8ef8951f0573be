import { deviceId, rememberDevice } from './device.js'

const id = deviceId()
document.querySelector('input[name="device"]').value = id
await rememberDevice(id)
