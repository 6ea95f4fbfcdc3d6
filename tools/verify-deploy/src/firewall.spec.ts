import { undoRules } from './firewall';

const before = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [3:200]
:MINE - [0:0]
-A INPUT -p tcp -m comment --comment "not mine" -j MINE
COMMIT
`;
const after = `*nat
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [9:900]
:FORWARD DROP [0:0]
:MINE - [0:0]
:DOCKER - [0:0]
-A INPUT -p tcp -m comment --comment "not mine" -j MINE
-A FORWARD -m comment --comment "from docker" -j DOCKER
COMMIT
`;

it('takes away the new rules, then the new chains, and gives back the policies', () => {
  expect(undoRules(before, after)).toEqual([
    [
      '-t',
      'nat',
      '-D',
      'POSTROUTING',
      '-s',
      '172.17.0.0/16',
      '!',
      '-o',
      'docker0',
      '-j',
      'MASQUERADE',
    ],
    ['-t', 'filter', '-D', 'FORWARD', '-m', 'comment', '--comment', 'from docker', '-j', 'DOCKER'],
    ['-t', 'nat', '-X', 'DOCKER'],
    ['-t', 'filter', '-P', 'FORWARD', 'ACCEPT'],
    ['-t', 'filter', '-X', 'DOCKER'],
  ]);
});

it('does nothing where nothing changed', () => {
  expect(undoRules(before, before)).toEqual([]);
});
