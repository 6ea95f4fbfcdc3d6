import { describeCatalogue } from '../conformance';
import { createMemoryCatalogue } from './memory-catalogue';

describeCatalogue('memory catalogue', async () => createMemoryCatalogue());
