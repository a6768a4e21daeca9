// Answers of people.*: each a call of its service.
import { addUser } from '#services/people/addUser';
import { changeUser } from '#services/people/changeUser';
import { setPassword } from '#services/people/setPassword';
import { listUsers } from '#services/people/userRecords';
import type { HandlersOf } from './Handlers.ts';

export const peopleHandlers: HandlersOf<'people.list' | 'people.add' | 'people.change' | 'people.setPassword'> = (services) => ({
  'people.list': async () => listUsers(services),
  'people.add': (input) => addUser(services, input),
  'people.change': (input) => changeUser(services, input),
  'people.setPassword': (input) => setPassword(services, input),
});
