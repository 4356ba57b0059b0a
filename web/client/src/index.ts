export { FeedClient, type AccountChoice, type News, type Surroundings } from './client';
export { type Link, type Network, type SocketLike } from './connection';
export * from './frames';
export { readRefusal, refusalOf, type Refusal } from './refusal';
export { asList, asObject, type Store } from './store';
export { Topic } from './topic';
