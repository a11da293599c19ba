// What a simulator does with the feed, written against its types: pick models, price a request.
import { readFileSync } from "node:fs";
import type { Model, Simulator } from "./simulator";

function cheapest(feed: Simulator, modality: string): Model | undefined {
  const price = (model: Model): number => model.pricing.outputPerMToken ?? Infinity;
  const keys = new Set(feed.modalities[modality] ?? []);
  return feed.models
    .filter((model) => keys.has(model.key) && model.isFree === false)
    .sort((a, b) => price(a) - price(b))[0];
}

/** Dollars of one request; null where the feed does not say, which is never 0. */
function cost(model: Model, inputTokens: number, outputTokens: number): number | null {
  const { inputPerMToken, outputPerMToken } = model.pricing;
  if (inputPerMToken === null || outputPerMToken === null) return null;
  return (inputTokens * inputPerMToken + outputTokens * outputPerMToken) / 1e6;
}

/** Dollars of so many seconds of what perSecondOf names. */
function seconds(model: Model, count: number): [string, number] | null {
  const { perSecond } = model.pricing;
  const of = model.pricingMetadata.perSecondOf;
  return perSecond === null || of === null ? null : [of, perSecond * count];
}

const feed: Simulator = JSON.parse(readFileSync(process.argv[2]!, "utf8"));
const found: Record<string, unknown> = {};
for (const model of feed.models) {
  const exact: string | null = model.rates.find((rate) => rate.isHeadline)?.unitPriceUsd ?? null;
  found[model.key] = [cost(model, 1000, 500), seconds(model, 10), exact];
}
const pick = cheapest(feed, "text-to-text");
process.stdout.write(JSON.stringify({ snapshot: feed.snapshotId, pick: pick?.key, found }));
