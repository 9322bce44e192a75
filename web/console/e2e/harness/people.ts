// Chooses somebody in a picker, as a person does: types the beginning of a name and takes the suggestion.
import type { Locator, Page } from 'playwright-core';

export async function pick(page: Page, field: Locator, begin: string, name: string): Promise<void> {
  await field.fill(begin);
  // What is chosen already has the role of an option as well, so the suggestion is looked for in the open list.
  await page.locator('[role=option].fui-TagPickerOption', { hasText: name }).click();
}
