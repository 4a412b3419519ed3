import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { memberAdmin, newAccount } from './organization.ts';
import { ACCOUNT, allow, newUser } from './principals.ts';

interface View {
  readonly Id: string;
  readonly Name: string;
  readonly State: string;
  readonly Shared: boolean;
  readonly Owner: string;
  readonly IsOwn: boolean;
}

interface Note {
  readonly Id: string;
  readonly StartDate: string;
  readonly EndDate: string;
  readonly Text: string;
}

let server: TestServer;
let admin: TallylineClient;
let alice: TallylineClient;
let bob: TallylineClient;

const client = ({ region, credentials }: ClientConfig) =>
  new TallylineClient({ endpoint: server.url, region, ...credentials }, () => Date.now());

beforeAll(async () => {
  server = await startServer();
  const own = ['PutSavedView', 'DeleteSavedView', 'PutAnnotation', 'DeleteAnnotation', 'List*'];
  const statements = [allow(own.map((action) => `tallyline:${action}`))];
  admin = client(server.admin);
  alice = client(await newUser(server.admin, 'alice', { statements }));
  bob = client(await newUser(server.admin, 'bob', { statements }));
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const putView = async (who: TallylineClient, input: object) =>
  (await who.call<{ SavedView: View }>('PutSavedView', { Page: 'explorer', State: 'range=7d', ...input })).SavedView;
const viewsOf = async (who: TallylineClient, input: object = {}) =>
  (await who.call<{ SavedViews: View[] }>('ListSavedViews', input)).SavedViews;
const namesOf = async (who: TallylineClient, input?: object) => (await viewsOf(who, input)).map(({ Name }) => Name);
const putNote = async (who: TallylineClient, input: object) =>
  (await who.call<{ Annotation: Note }>('PutAnnotation', { Text: 'launch', ...input })).Annotation;
const notesOf = async (who: TallylineClient, input: object = {}) =>
  (await who.call<{ Annotations: Note[] }>('ListAnnotations', input)).Annotations.map(({ Text }) => Text);

describe('saved views', () => {
  it('are the owner’s alone until they are shared with the account', async () => {
    const view = await putView(alice, { Name: 'by team' });
    expect(view).toMatchObject({ Owner: `arn:aws:iam::${ACCOUNT}:user/alice`, IsOwn: true, Shared: false });
    expect(await namesOf(alice)).toEqual(['by team']);
    expect(await namesOf(bob)).toEqual([]);
    await putView(alice, { Id: view.Id, Name: 'by team', State: 'range=30d&group=team', Shared: true });
    expect(await viewsOf(bob)).toMatchObject([{ State: 'range=30d&group=team', IsOwn: false, Shared: true }]);
    const member = client(await memberAdmin(server.admin, await newAccount(server.admin, 'member')));
    expect(await namesOf(member)).toEqual([]);
    await alice.call('DeleteSavedView', { Id: view.Id });
    expect(await namesOf(bob)).toEqual([]);
  });

  it('are changed by the owner and by who may manage them', async () => {
    const { Id } = await putView(alice, { Name: 'mine', Shared: true });
    const denied = 'not authorized to perform: tallyline:ManageSavedViews';
    await expect(putView(bob, { Id, Name: 'bob was here' })).rejects.toThrow(denied);
    await expect(bob.call('DeleteSavedView', { Id })).rejects.toThrow(denied);
    const changed = await putView(admin, { Id, Name: 'tidied', Shared: true });
    expect(changed).toMatchObject({ Name: 'tidied', Owner: `arn:aws:iam::${ACCOUNT}:user/alice`, IsOwn: false });
    await admin.call('DeleteSavedView', { Id });
    await expect(putView(alice, { Id, Name: 'gone' })).rejects.toThrow(`there is no saved view \`${Id}\``);
  });

  it('are listed by name, in pages, for one page of the console or all', async () => {
    for (const Name of ['c', 'a', 'b', 'a']) await putView(alice, { Name, Page: Name === 'c' ? 'tags' : 'explorer' });
    expect(await namesOf(alice)).toEqual(['a', 'a', 'b', 'c']);
    expect(await namesOf(alice, { Page: 'tags' })).toEqual(['c']);
    const first = await alice.call<{ SavedViews: View[]; NextToken: string }>('ListSavedViews', { MaxResults: 3 });
    expect(first.SavedViews.map(({ Name }) => Name)).toEqual(['a', 'a', 'b']);
    expect(await namesOf(alice, { NextToken: first.NextToken })).toEqual(['c']);
    await expect(viewsOf(alice, { NextToken: '!' })).rejects.toThrow('the token is not one of a page');
  });

  it.each([
    ['an address of another server', { Page: '//example.com' }],
    ['a state that no address can have', { State: 'a b' }],
    ['a state that is too long', { State: 'a'.repeat(8_193) }],
    ['an id of no kind', { Id: '../../etc/passwd' }],
  ])('refuse %s', async (_, input) => {
    await expect(putView(alice, { Name: 'bad', ...input })).rejects.toThrow('failed to satisfy constraint');
  });

  it('are two hundred for each owner', async () => {
    const kept = (await viewsOf(bob)).filter(({ IsOwn }) => IsOwn).length;
    for (let made = kept; made < 200; made += 1) await putView(bob, { Name: `view ${made}` });
    await expect(putView(bob, { Name: 'one more' })).rejects.toThrow('you keep 200 saved views already');
    await putView(alice, { Name: 'others may' });
  });
});

describe('annotations', () => {
  it('are for everybody of the account unless they are private, and found by the days they touch', async () => {
    const scope = [{ Type: 'TAG', Key: 'iamPrincipal/team', Value: 'search' }];
    const note = await putNote(alice, { StartDate: '2026-04-09', Scope: scope });
    expect(note).toMatchObject({ StartDate: '2026-04-09', EndDate: '2026-04-09', Scope: scope, Shared: true });
    await putNote(alice, { StartDate: '2026-04-20', EndDate: '2026-05-02', Text: 'load test' });
    await putNote(alice, { StartDate: '2026-04-30', Text: 'between us', Shared: false });
    expect(await notesOf(bob)).toEqual(['load test', 'launch']);
    expect(await notesOf(alice)).toEqual(['between us', 'load test', 'launch']);
    expect(await notesOf(bob, { StartDate: '2026-05-01' })).toEqual(['load test']);
    expect(await notesOf(bob, { EndDate: '2026-04-19' })).toEqual(['launch']);
    await putNote(alice, { Id: note.Id, StartDate: '2026-04-10', Text: 'launch, a day late' });
    expect(await notesOf(bob, { EndDate: '2026-04-09' })).toEqual([]);
  });

  it('are changed by the author and by who may manage them', async () => {
    const { Id } = await putNote(alice, { StartDate: '2026-03-01' });
    await expect(bob.call('DeleteAnnotation', { Id })).rejects.toThrow('tallyline:ManageAnnotations');
    await admin.call('DeleteAnnotation', { Id });
    await expect(alice.call('DeleteAnnotation', { Id })).rejects.toThrow(`there is no annotation \`${Id}\``);
  });

  it.each([
    [{ StartDate: '2026-02-30' }, '`2026-02-30` is no day: write it like 2026-04-09'],
    [{ StartDate: '2026-04-09', EndDate: '2026-04-08' }, 'the last day `2026-04-08` is before the first, `2026-04-09`'],
    [{ StartDate: 'yesterday' }, 'failed to satisfy constraint'],
    [{ StartDate: '2026-04-09', Text: 'a'.repeat(1_001) }, 'failed to satisfy constraint'],
  ])('refuse %j', async (input, sentence) => {
    await expect(putNote(alice, input)).rejects.toThrow(sentence);
  });
});

it('the audit log has who changed what', async () => {
  const { Id } = await putView(alice, { Name: 'audited', State: 'range=today' });
  const { Events } = await admin.call<{ Events: string[] }>('LookupAuditEvents', { EventName: 'PutSavedView' });
  const records = Events.map((event) => (typeof event === 'string' ? JSON.parse(event) : event));
  expect(records.find(({ responseElements }) => responseElements?.savedView?.id === Id)).toMatchObject({
    userIdentity: { arn: `arn:aws:iam::${ACCOUNT}:user/alice` },
    requestParameters: { name: 'audited', page: 'explorer', state: 'range=today' },
  });
});
