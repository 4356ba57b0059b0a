/** The windows that lie over the page, loaded when the first one is opened. */
import { SignInWindow } from '../SignIn';
import type { WindowName } from '../../app/windows';
import { AccountWindow } from './AccountChoice';
import { CommandsWindow } from './Commands';
import { FeedWindow } from './FeedDetails';
import { KeysWindow } from './Keys';
import { MarketsWindow } from './Markets';
import { SettingsWindow } from './Settings';
import '../../styles/tables.css';
import '../../styles/windows.css';

const windows: Record<WindowName, () => preact.JSX.Element> = {
  markets: MarketsWindow,
  commands: CommandsWindow,
  settings: SettingsWindow,
  keys: KeysWindow,
  account: AccountWindow,
  feed: FeedWindow,
  signin: SignInWindow,
};

export function Window({ name }: { name: WindowName }) {
  const Shown = windows[name];
  return <Shown key={name} />;
}
