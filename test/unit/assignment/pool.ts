import { pick, type MemberState, type PickResult, type SkipReason } from '../../../domain/assignment/picker';

/** Members of a new pool. */
export const fresh = (weights: Record<string, number>): MemberState[] =>
  Object.entries(weights).map(([rep, weight]) => ({ rep, weight, current: 0 }));

/** A pool that remembers, as the ledger does. */
export class Pool {
  members: MemberState[];

  constructor(weights: Record<string, number>) {
    this.members = fresh(weights);
  }

  skip(rep: string, skip: SkipReason | undefined): void {
    this.members = this.members.map((member) => (member.rep === rep ? { ...member, skip } : member));
  }

  pick(input: { handover?: { rep: string; amount: number }; exclude?: string } = {}): PickResult {
    const members = this.members.map((member) =>
      member.rep === input.exclude ? { ...member, skip: 'excluded' as const } : member,
    );
    const result = pick({ members, handover: input.handover });
    const next = new Map(result.next.map(({ rep, current }) => [rep, current]));
    this.members = this.members.map((member) => ({ ...member, current: next.get(member.rep) as number }));
    return result;
  }

  picks(count: number): string {
    return Array.from({ length: count }, () => this.pick().picked).join('');
  }

  get currents(): Record<string, number> {
    return Object.fromEntries(this.members.map(({ rep, current }) => [rep, current]));
  }
}
