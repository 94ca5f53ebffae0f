/** Unsaved changes in the browser's own database, where they outlive the tab, a crash and the session. */

import { type Draft, type DraftKey, type DraftStore, DraftsInMemory, keyOf } from "@/annotation/drafts";

const DATABASE = "samplecase";
const STORE = "drafts";
const BY_OWNER = "by_owner";

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE).createIndex(BY_OWNER, ["dataset", "user"]);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("Another tab holds an older version of the drafts open."));
  });
}

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

class DraftsInDatabase implements DraftStore {
  constructor(private readonly database: IDBDatabase) {}

  put(drafts: readonly Draft[]): Promise<void> {
    return this.change((store) => {
      for (const draft of drafts) store.put(draft, keyOf(draft));
    });
  }

  remove(drafts: readonly DraftKey[]): Promise<void> {
    return this.change((store) => {
      for (const draft of drafts) store.delete(keyOf(draft));
    });
  }

  of(dataset: number, user: number): Promise<Draft[]> {
    return new Promise((resolve, reject) => {
      const store = this.database.transaction(STORE).objectStore(STORE);
      const request: IDBRequest<Draft[]> = store.index(BY_OWNER).getAll([dataset, user]);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  private change(act: (store: IDBObjectStore) => void): Promise<void> {
    // Strict: on the disk before it counts as kept, for a crash of the whole machine too.
    const transaction = this.database.transaction(STORE, "readwrite", { durability: "strict" });
    act(transaction.objectStore(STORE));
    return ended(transaction);
  }
}

/** The browser's database; one that lasts as long as the page where the browser keeps nothing. */
class Drafts implements DraftStore {
  private readonly store: Promise<DraftStore> = opened().then(
    (database) => new DraftsInDatabase(database),
    () => new DraftsInMemory(),
  );

  async put(drafts: readonly Draft[]): Promise<void> {
    return (await this.store).put(drafts);
  }

  async remove(drafts: readonly DraftKey[]): Promise<void> {
    return (await this.store).remove(drafts);
  }

  async of(dataset: number, user: number): Promise<Draft[]> {
    return (await this.store).of(dataset, user);
  }
}

let drafts: Drafts | null = null;

export function draftStore(): DraftStore {
  drafts ??= new Drafts();
  return drafts;
}
