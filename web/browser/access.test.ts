/** Who may see what: tokens that are missing, wrong, ended, or for somebody else, and a gateway that is full. */
import { describe, expect, it } from 'vitest';
import { hasBrowser, known, standing, value, visit } from './browser';
import { until } from './gateway';
import { staged } from './staged';

describe.skipIf(!hasBrowser)('the page and its token', () => {
  const on = staged(['Sessions:MaxConnectionsPerToken=2']);

  it('asks for a token, says why one is refused, and does not knock again', async () => {
    const { page, requests, close } = await visit(on.browser, on.stage.address);
    await page.getByTestId('sign-in').waitFor();
    await standing(page, 'SIGN IN');
    expect(requests.filter((url) => url.startsWith('ws:'))).toEqual([]);
    await page.getByTestId('token-field').fill('not.a.token');
    await page.keyboard.press('Enter');
    await page.locator('[data-testid=refusal][data-value=token-invalid]').waitFor();
    const tries = requests.filter((url) => url.startsWith('ws:')).length;
    expect(tries).toBe(1);
    await page.getByTestId('token-field').fill(on.stage.token);
    await page.keyboard.press('Enter');
    await standing(page, 'LIVE');
    expect(await page.getByTestId('sign-in').count()).toBe(0);
    await close();
  });

  it('tells a token that has ended before it was used', async () => {
    const token = on.stage.makeTokenFor('1s', on.stage.addresses[0]!);
    const ends = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { exp: number };
    await until('the token has ended', async () => Date.now() > ends.exp * 1000 + 200);
    const { page, requests, close } = await visit(on.browser, `${on.stage.address}#token=${token}`);
    await page.locator('[data-testid=refusal][data-value=token-expired]').waitFor();
    expect(requests.filter((url) => url.startsWith('ws:')).length).toBe(1);
    await close();
  });

  it('locks an account that the token does not cover, and leaves the markets live', async () => {
    const { page, requests, close } = await visit(
      on.browser,
      `${on.stage.address}?address=${on.stage.addresses[1]}#token=${on.stage.token}`,
    );
    await page.getByTestId('locked').getByText('does not cover').waitFor();
    await standing(page, 'LIVE');
    await page.locator('[data-testid=tape] tr[data-key]').first().waitFor();
    expect(await page.getByTestId('account-equity').count()).toBe(0);
    expect(requests.filter((url) => url.startsWith('ws:')).length).toBe(2); // the refused one, and the one without an account
    await close();
  });

  it('counts down while the gateway is full, and comes in when a place is free', async () => {
    const token = on.stage.makeToken(on.stage.addresses[0]!);
    const entrance = `${on.stage.address}#token=${token}`;
    const places = [await visit(on.browser, entrance), await visit(on.browser, entrance)];
    for (const { page } of places) await standing(page, 'LIVE');
    const { page, close } = await visit(on.browser, entrance);
    await standing(page, 'GATEWAY FULL');
    const seconds = async () => Number.parseInt(await page.locator('.pill .figure').innerText(), 10);
    const first = await seconds();
    expect(first).toBeGreaterThan(0);
    await until('a count that falls', async () => (await seconds()) < first);
    await places[0]!.close();
    await page.getByTestId('retry').click();
    await standing(page, 'LIVE');
    await close();
    await places[1]!.close();
  });

  it('tells a revoked token, keeps the last values, and goes on with a new one without a reload', async () => {
    const token = on.stage.makeToken(on.stage.addresses[0]!);
    const { page, close } = await visit(on.browser, `${on.stage.address}#token=${token}`);
    await standing(page, 'LIVE');
    const equity = await known(page, 'account-equity');
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    on.stage.revoke(token);
    await standing(page, 'NO ACCESS');
    expect(await value(page, 'account-equity')).not.toBe('');
    expect(equity).not.toBe('');
    await page.getByTestId('retry').click();
    await page.getByTestId('token-field').fill(on.stage.token);
    await page.keyboard.press('Enter');
    await standing(page, 'LIVE');
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
    await close();
  });

  it('forgets an account that the next token does not cover', async () => {
    const { page, close } = await visit(on.browser, on.stage.entrance);
    await standing(page, 'LIVE');
    await page.evaluate((address) => localStorage.setItem('tidegate.account', address), on.stage.addresses[1]!);
    await page.reload();
    await standing(page, 'LIVE');
    expect(await value(page, 'account-address')).toBe(on.stage.addresses[0]);
    await close();
  });
});
