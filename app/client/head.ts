/**
 * For pages with scripts of others: loaded as the first script of <head>, it takes the return out
 * of the URL before any of them runs. The client, loaded later, finds it.
 */
import { captureFromNowOn } from "./capture.ts";

captureFromNowOn();
