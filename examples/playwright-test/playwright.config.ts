import { defineConfig } from '@playwright/test'

const { SITE_URL: baseURL = 'https://shop.example/', CHROME_PATH } = process.env

export default defineConfig({
  use: { baseURL, launchOptions: CHROME_PATH ? { executablePath: CHROME_PATH } : {} },
})
