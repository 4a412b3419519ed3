import { APPLICATIONS, emailOf, PAYER, PEOPLE, type Person, TENANT_ACCOUNT, type TeamName } from './company.ts';
import type { DemoFoundation } from './foundation.ts';
import { tallylineOf } from './history-arrival.ts';
import type { ClientConfig } from './organisation.ts';
import { dayText, TEAM_CHANGE_DAYS } from './timeline.ts';

interface Place {
  readonly team: string;
  readonly department: string;
  /** Who leads the team. */
  readonly manager: string;
}

/** As the human resources system has it, growth included, whose people carry no tags. */
const PLACES: Readonly<Record<TeamName, Place>> = {
  support: { team: 'Support', department: 'Customer care', manager: emailOf({ name: 'elena' }) },
  search: { team: 'Search', department: 'Product', manager: emailOf({ name: 'grace' }) },
  payments: { team: 'Payments', department: 'Product', manager: emailOf({ name: 'nora' }) },
  platform: { team: 'Platform', department: 'Engineering', manager: emailOf({ name: 'wanda' }) },
  'data-science': { team: 'Data Science', department: 'Engineering', manager: emailOf({ name: 'dora' }) },
  growth: { team: 'Growth', department: 'Marketing', manager: emailOf({ name: 'julia' }) },
};
const PARTNERS: Place = { team: 'Partners', department: 'Product', manager: emailOf({ name: 'paula' }) };

/** Who belongs where: a structure each for teams, departments and managers. */
export async function importOrgChart(
  admin: ClientConfig,
  { startMs, nowMs }: Pick<DemoFoundation, 'startMs' | 'nowMs'>,
): Promise<void> {
  const from = `${new Date(startMs).getUTCFullYear()}-01-01`;
  const movedOn = dayText(nowMs, TEAM_CHANGE_DAYS - 1);
  for (const structure of ['team', 'department', 'manager'] as const) {
    const line = (who: string, place: Place, start = from, end = '') => [who, place[structure], start, end].join(',');
    const people = PEOPLE.flatMap((person) =>
      person.name === 'hugo'
        ? [line(whoIs(person), PLACES.search, from, movedOn), line(whoIs(person), PLACES.platform, movedOn)]
        : [line(whoIs(person), PLACES[person.team])],
    );
    const applications = APPLICATIONS.filter(({ accountId }) => accountId === PAYER).map(
      ({ name, roleName, tags, team }) =>
        line(tags.project ? `tag:project=${name}` : `arn:aws:sts::${PAYER}:assumed-role/${roleName}/*`, PLACES[team]),
    );
    const lines = [...people, ...applications, line(`account:${TENANT_ACCOUNT}`, PARTNERS)];
    const Csv = ['who,value,from,to', ...lines, ''].join('\n');
    await tallylineOf(admin).call('ImportMembership', { Structure: structure, Csv });
  }
}

/** A mail address is whoever is called so in any account; a user's name is a user of the account. */
function whoIs(person: Person): string {
  return person.access === 'sign-in' ? emailOf(person) : `${PAYER}/${person.name}`;
}
