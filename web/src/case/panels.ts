/**
 * What hangs on a case's page, and where: one line here mounts a part. Every part is a component that is given the `Desk`.
 *
 * A panel is a tab of the column beside the record where there is room for one, and a sheet from the bottom where there is not.
 */
import type { IconName } from '../Icon.svelte'
import { t } from '../i18n'
import AccessPanel from '../access/AccessPanel.svelte'
import CaseActions from './CaseActions.svelte'
import CaseNews from './CaseNews.svelte'
import type { Desk, Mounted } from './desk.svelte'
import HistoryCommands from '../history/HistoryCommands.svelte'
import HistoryPanel from '../history/HistoryPanel.svelte'
import SinceNotice from '../history/SinceNotice.svelte'
import KeepQuestion from '../offline/KeepQuestion.svelte'
import SignInAgain from '../offline/SignInAgain.svelte'
import OwnProposals from '../proposals/OwnProposals.svelte'
import ProposalNews from '../proposals/ProposalNews.svelte'
import ProposedNotice from '../proposals/ProposedNotice.svelte'
import BeginWriting from './BeginWriting.svelte'
import EndedNotice from './EndedNotice.svelte'
import LifeNotice from './LifeNotice.svelte'
import People from './People.svelte'
import Printing from './Printing.svelte'
import Following from '../following/Following.svelte'
import DropZone from '../media/DropZone.svelte'
import MediaCommands from '../media/MediaCommands.svelte'
import MediaDialogs from '../media/MediaDialogs.svelte'
import MediaPanel from '../media/MediaPanel.svelte'
import RefusalNotice from './RefusalNotice.svelte'
import RescuedNotice from './RescuedNotice.svelte'
import ExportMenu from '../exchange/ExportMenu.svelte'
import Importing from '../exchange/Importing.svelte'
import SectionCommands from './SectionCommands.svelte'
import Whereabouts from './Whereabouts.svelte'

export interface Panel {
  readonly name: string
  /** Called while rendering. */
  readonly title: () => string
  /** What its tab says, if not the title. */
  readonly tab?: () => string
  /** What its opener says on a narrow page, if not the title: "3 here". */
  readonly opener?: (desk: Desk) => string
  readonly icon: IconName
  readonly body: Mounted
  /** Whom it is for, if not everybody; asked while rendering. */
  readonly isFor?: (desk: Desk) => boolean
}

/** In the order of the tabs; the first is open when nothing was chosen. */
export const PANELS: readonly Panel[] = [
  {
    name: 'people',
    title: () => t('people.title'),
    opener: (desk) => t('people.count', { count: desk.record.people.length }),
    icon: 'people',
    body: People,
  },
  { name: 'media', title: () => t('media.title'), tab: () => t('media.short'), opener: () => t('media.short'), icon: 'image', body: MediaPanel },
  { name: 'history', title: () => t('history.title'), icon: 'history', body: HistoryPanel },
  {
    name: 'access',
    title: () => t('access.title'),
    tab: () => t('access.short'),
    opener: () => t('access.short'),
    icon: 'shield',
    body: AccessPanel,
    isFor: ({ record }) => record.case.rights.has('read audit log'),
  },
]

/** Those that this reader may open. */
export function panelsFor(desk: Desk): readonly Panel[] {
  return PANELS.filter(({ isFor }) => isFor?.(desk) ?? true)
}

/** Buttons and menus at the right of the case's title. */
export const ACTIONS: readonly Mounted[] = [ExportMenu, CaseActions]

/** Above the record: what has to be told before anything else. */
export const NOTICES: readonly Mounted[] = [
  SignInAgain,
  RescuedNotice,
  OwnProposals,
  RefusalNotice,
  EndedNotice,
  LifeNotice,
  ProposedNotice,
  SinceNotice,
  KeepQuestion,
]

/** Dialogs and listeners without a place of their own. */
export const FIXTURES: readonly Mounted[] = [
  SectionCommands,
  HistoryCommands,
  Importing,
  Printing,
  Whereabouts,
  CaseNews,
  ProposalNews,
  BeginWriting,
  MediaCommands,
  MediaDialogs,
  DropZone,
  Following,
]
