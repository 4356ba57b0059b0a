export { FeedClient, type AccountChoice } from './client';
export { type Link, type Network, type SocketLike } from './connection';
export * from './frames';
export { type News, type Surroundings } from './news';
export { readRefusal, refusalOf, type Refusal } from './refusal';
export { asList, asObject, type Store } from './store';
export { Topic } from './topic';
