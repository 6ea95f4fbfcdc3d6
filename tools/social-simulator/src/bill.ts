/** X's prices in US dollars. */
const prices = { read: 0.005, reply: 0.01, post: 0.015, postWithLink: 0.2 };

/** What X would ask for. */
export interface Spending {
  readonly postsRead: number;
  readonly posted: number;
  readonly dollars: number;
}

export interface Bill {
  read(posts: number): void;
  posted(withLink: boolean, isReply: boolean): void;
  spending(): Spending;
}

export function createBill(): Bill {
  let postsRead = 0;
  let posted = 0;
  let dollars = 0;
  return {
    read(posts) {
      postsRead += posts;
      dollars += posts * prices.read;
    },
    posted(withLink, isReply) {
      posted++;
      dollars += withLink ? prices.postWithLink : isReply ? prices.reply : prices.post;
    },
    spending: () => ({ postsRead, posted, dollars: Math.round(dollars * 1000) / 1000 }),
  };
}
