import { defineRecipe } from '@session-broker/recipe'

/** After the password the portal asks for a company. Which one is not the broker's to guess. */
export default defineRecipe({
  async answer(page, reading, context) {
    const company = page.locator('button.empresa', { hasText: 'Padaria Estrela' })
    if (reading.wants.password || !(await company.isVisible())) return undefined
    context.note('chooses the company')
    await company.click()
    return 'done'
  },
  async logout(page) {
    await page.getByText('Sair').click()
  },
})
