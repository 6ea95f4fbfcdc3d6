import { readFile, writeFile } from 'node:fs/promises';
import { run, succeeds } from './shell';

/** The bridges, firewall rules and forwarding of this machine, as text. */
export interface NetworkState {
  readonly bridges: readonly string[];
  /** What `iptables-save` prints. */
  readonly rules: string;
  readonly forwarding: string;
}

const forwardingFile = '/proc/sys/net/ipv4/ip_forward';

export async function readNetworkState(): Promise<NetworkState> {
  const links = await run('ip', ['-brief', 'link']);
  return {
    bridges: links
      .split('\n')
      .map((line) => line.split(/\s+/)[0] ?? '')
      .filter((name) => /^(br-|docker)/.test(name)),
    rules: await run('iptables-save', []),
    forwarding: (await readFile(forwardingFile, 'utf8')).trim(),
  };
}

/** Takes away what came since `before`, and nothing else. */
export async function restoreNetworkState(before: NetworkState): Promise<void> {
  const after = await readNetworkState();
  for (const call of undoRules(before.rules, after.rules)) await succeeds('iptables', call);
  for (const bridge of after.bridges.filter((name) => !before.bridges.includes(name))) {
    await run('ip', ['link', 'delete', bridge]);
  }
  if (after.forwarding !== before.forwarding) await writeFile(forwardingFile, before.forwarding);
}

/**
 * The calls of iptables that lead from the rules `after` back to the rules `before`: rules first, then
 * the chains that they jumped to, then the policies of the built-in chains.
 */
export function undoRules(before: string, after: string): string[][] {
  const old = readRules(before);
  const now = readRules(after);
  const rules = now.rules
    .filter(
      ({ table, text }) => !old.rules.some((rule) => rule.table === table && rule.text === text),
    )
    .map(({ table, text }) => ['-t', table, ...words(text.replace(/^-A /, '-D '))]);
  const policyBefore = new Map(old.chains.map((chain) => [`${chain.table} ${chain.name}`, chain]));
  const chains = now.chains.flatMap(({ table, name, policy }) => {
    const was = policyBefore.get(`${table} ${name}`);
    if (policy === '-') return was ? [] : [['-t', table, '-X', name]];
    const wanted = was?.policy ?? 'ACCEPT';
    return wanted === policy ? [] : [['-t', table, '-P', name, wanted]];
  });
  return [...rules, ...chains];
}

function readRules(saved: string) {
  const chains: { table: string; name: string; policy: string }[] = [];
  const rules: { table: string; text: string }[] = [];
  let table = '';
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name && policy) chains.push({ table, name, policy });
    if (line.startsWith('-A ')) rules.push({ table, text: line });
  }
  return { chains, rules };
}

/** The words of a rule; quotes keep a comment together. */
const words = (rule: string): string[] =>
  [...rule.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
