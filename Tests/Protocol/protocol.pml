/*
 * How a job goes from hand to hand, for spin to search every way that it can: two workers of two slots each, two jobs of one
 * session, one queue, and whatever may happen to them. scripts/model runs it.
 *
 * Each script of Sources/PenstockQueue/Lua is one step here, as it is in Redis, and so is each look, opening and save of the store.
 * A part is named after what it stands for, and has its statements in the same order; who changes a script changes it here too.
 * A call has two outcomes: it is answered, or it took effect and its reply is lost. (A call that took no effect leaves all as it
 * was, and the worker where it was: there is nothing in it to search. The one that gives up then has a line of its own.)
 *
 * What may happen, each as often as its bound below says:
 *   a worker crashes anywhere, and a new one, with a new id, comes in its place;
 *   a reply is lost, of any call to Redis or the store that changes something;
 *   a worker falls silent: no beat of it arrives, its locks expire, it may be taken for dead and reaped, and all the while its slots
 *   may stand still, or go on, or do so later: the zombie;
 *   an attempt fails, to be retried by way of `scheduled`, or to be buried;
 *   the store loses the opening that it acknowledged last.
 * Apart from these, any step may come before or after any other one, and a step may wait for as long as it likes.
 *
 * Left out, and why:
 *   time: a wait, a due time, a lock's life may be over at any moment, which is more than can happen;
 *   what a node does outside: interrupted, it runs again, and is told so by its idempotency key;
 *   messages that cannot be read, ids in conflict, cancelling, purging, `not_before`, drains, several queues: other ways out of the
 *   same states;
 *   counts of attempts and crashes: a bound here instead;
 *   a call that arrives after its worker gave it up: what names a claim finds it gone, as the repeated one does;
 *   `enqueue` of an id that is known, and records that expire;
 *   the claim's own look at a store in the same Redis: it is the look of a new session, taken at one of the moments when it may be;
 *   the confirmation that such a store makes with the first save: it is the one here, with nothing between the two;
 *   the reply of a call that only asks, or that the worker repeats whatever it was: look, register, beat, survey, recover;
 *   the claiming script's memory of its last answer: no worker asks for the same claim twice, it recovers.
 *
 * -DNO_… takes one safeguard out. Spin must then find what goes wrong: that shows that the model can see it. Two break nothing.
 * -DNO_CALL_NUMBERS: what a repeated call would have answered, its claim's number and a recovery make up for. -DLOOKS_ALWAYS, with which
 * a job that was claimed before is only looked at too: what its first save compares keeps order and number as well as an opening
 * does. All that the opening adds is when a predecessor is shut out, before anything runs again and not after the first node.
 */

#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef LOSSES          /* replies */
#define LOSSES 1
#endif
#ifndef SILENCES
#define SILENCES 1
#endif
#ifndef FAILURES        /* attempts */
#define FAILURES 0
#endif
#ifndef FORGETS         /* by the store, of an opening */
#define FORGETS 0
#endif

#define WORKERS 2
#define SLOTS   2       /* of each worker */
#define JOBS    2       /* 1 and 2, enqueued in this order; 0 is none */
#define NODES   2       /* of a job's run, 0 and 1 */

#define ALL     (WORKERS * SLOTS)
#define IDS     (WORKERS + CRASHES)
#define NUMBERS 32      /* more claims than one worker can make */
#define worker_of(c)    ((c) / NUMBERS)

/* ---- Redis ---- */

mtype:status = { UNKNOWN, WAITING, PARKED, RUNNING, SCHEDULED, ENDED, DEAD };

chan queue = [JOBS] of { byte };              /* the right end, where claims are made, is the one that `?` takes from */
chan parked = [JOBS] of { byte };
chan scheduled = [JOBS] of { byte };
chan processing[IDS] = [JOBS] of { byte };    /* by worker id; the oldest first */
byte turn, lock;                              /* a job; a claim */
mtype:status status[JOBS + 1];                /* job:<id> … */
byte holder[JOBS + 1];                        /* … its field `claim` … */
bool was_claimed[JOBS + 1];                   /* … and whether it has `claimed_at` */
bool known[IDS];                              /* `workers` */
byte answered[ALL];                           /* the last answer of a slot: the claim that the call settled, … */
byte answer[ALL];                             /* … and the session's next job, claimed by it, … */
bool answer_is_first[ALL];                    /* … which nobody had claimed before */

/* ---- The store: the session's row, and what became of its jobs ---- */

mtype:result = { NONE, FINISHED, FAILED };

byte epoch, owner, head;
byte committed[JOBS + 1];                     /* nodes */
mtype:result result[JOBS + 1];
#if FORGETS
bool opened_last;                             /* what can be lost: the opening after which nothing was written */
byte owner_before, overtaken_before;
byte forgets = FORGETS;
#endif

/* ---- The workers ---- */

mtype:phase = { FREE, OPEN, CONFIRM, RUN, FENCED, CONCLUDE, NOTE, COMPLETE, RETRY, HAND_BACK, BURY };

byte id[WORKERS];                             /* of the process that is in this place now */
byte ids;                                     /* given so far */
byte numbers[WORKERS];                        /* given to claims */
bool silent[WORKERS];
bool doubts[WORKERS];                         /* has to compare its processing list with what it runs */
bool compares[WORKERS];                       /* has noted what it runs, and is about to send it */
byte last_number[WORKERS];                           /* the last number when it did … */
byte kept[ALL], kept_next[ALL];               /* … and the claims */

mtype:phase phase[ALL];
byte job[ALL], claim[ALL];
byte announced[ALL];                          /* the number of the session's next claim, while this one is settled */
bool stopped[ALL];                            /* its task is cancelled: the lock is lost */
bool looks[ALL];                              /* the session is opened by its first save, and only looked at before */
byte my_epoch[ALL], my_owner[ALL];            /* what its writer goes by: of its opening; as they were seen, if it looks, … */
byte seen[ALL], node[ALL];                    /* … the head, and what to run next */
bool stored[ALL];                             /* the checkpoint that it saves has been stored by an earlier try */

byte crashes = CRASHES, losses = LOSSES, silences = SILENCES, failures = FAILURES;

/* ---- What is only watched ---- */

byte before[ALL];                             /* a bit for each slot whose claim is older */
byte overtaken;                               /* a bit for each slot, when one with a later claim has opened the session */

bool has_begun;                               /* the worker that claims first is called 0: the other way round is the same */

hidden byte i, j, k, n, x, c, next, wanted;
hidden byte ours, is_first;

/* ---- prelude.lua ---- */

#define holds(c, j)       (lock != 0 -> lock == (c) : holder[j] == (c))
#define held_by(w, j)     (status[j] == RUNNING && holder[j] != 0 && worker_of(holder[j]) == (w))

inline put_first(list, item)
{
    list!item;
    n = len(list) - 1;
    do
    :: n > 0 -> list?x; list!x; n--
    :: else -> break
    od;
    x = 0
}

inline take_last(list, item)
{
    n = len(list) - 1;
    do
    :: n > 0 -> list?x; list!x; n--
    :: else -> break
    od;
    x = 0;
    list?item
}

/* take: ours is true if the message was in the list, and the claim is its own. */
inline take(w, c, j)
{
    ours = holds(c, j) && processing[w]??[eval(j)];
    if
    :: ours -> processing[w]??eval(j)
    :: else
    fi
}

inline unlock(c)
{
    if
    :: lock == c -> lock = 0
    :: else
    fi
}

/* pass: next is the job whose turn it is now, out of the parked list; 0 if nothing was parked. */
inline pass(j)
{
    next = 0;
    if
#ifdef NO_TURN
    :: true ->
#else
    :: turn == j ->
#endif
        if
        :: len(parked) > 0 -> parked?next
        :: else
        fi;
        turn = next
#ifndef NO_TURN
    :: else
#endif
    fi
}

inline pass_to_queue(j)
{
    pass(j);
    if
    :: next != 0 -> put_first(queue, next); status[next] = WAITING
    :: else
    fi
}

/* ---- claim.lua: for as many as the worker has slots free. `next` is the job that it got; a session gives one at most. ---- */

#define is_free(w)  (phase[(w) * SLOTS] == FREE || phase[(w) * SLOTS + 1] == FREE)
#define busy(w)     ((phase[(w) * SLOTS] != FREE) + (phase[(w) * SLOTS + 1] != FREE))

#ifdef NO_TURN
#define may_run(j)  true
#else
#define may_run(j)  ((turn == 0 && len(parked) == 0) || turn == (j))
#endif

/* is_first is true if nobody has claimed the job before. */
inline note_claim(j)
{
    is_first = !was_claimed[j];
    was_claimed[j] = true
}

inline draw(w)
{
    numbers[w]++;
    assert(numbers[w] < NUMBERS);
    c = id[w] * NUMBERS + numbers[w]
}

inline claim_jobs(w)
{
    next = 0;
    wanted = SLOTS - busy(w);
    do
    :: wanted > 0 && len(queue) > 0 ->
        queue?j;
        if
        :: may_run(j) && lock == 0 ->
            draw(w);
            processing[id[w]]!j;
            lock = c;
            if
            :: turn == 0 -> turn = j
            :: else
            fi;
            status[j] = RUNNING;
            holder[j] = c;
            note_claim(j);
            next = j;
            wanted--
        :: else ->
            if
            :: turn == j -> put_first(parked, j)
            :: else -> parked!j
            fi;
            if
            :: status[j] == WAITING -> status[j] = PARKED
            :: else
            fi
        fi
    :: else -> break
    od;
    silent[w] = false;
    has_begun = true
}

/* ---- complete.lua: `next` is the session's next job, claimed by this slot; 0 if there is none. ---- */

inline complete(s)
{
    j = job[s];
    next = 0;
    take(id[s / SLOTS], claim[s], j);
    if
    :: ours ->
        status[j] = ENDED;
        holder[j] = 0;
        lock = 0;
        pass(j);
        if
        :: next == 0
        :: next != 0 && stopped[s] ->
            put_first(queue, next);
            status[next] = WAITING;
            next = 0
        :: else ->
            /* The slot drew the number before; nobody can tell, since it counts as announced from here on. */
            draw(s / SLOTS);
            announced[s] = c;
            lock = c;
            processing[id[s / SLOTS]]!next;
            status[next] = RUNNING;
            holder[next] = c;
            note_claim(next);
            answered[s] = claim[s];
            answer[s] = next;
            answer_is_first[s] = is_first
        fi
    :: else ->
#ifndef NO_CALL_NUMBERS
        if
        :: answered[s] == claim[s] -> next = answer[s]; is_first = answer_is_first[s]
        :: else
        fi
#else
        skip
#endif
    fi
}

/* ---- requeue.lua (which keeps the turn, for a retry and for handing back) and bury.lua. Repeated, they find the claim gone and
   answer otherwise than they did; the slot goes on in the same way. ---- */

inline requeue(s, later)
{
    j = job[s];
    take(id[s / SLOTS], claim[s], j);
    if
    :: ours ->
        if
        :: later -> scheduled!j; status[j] = SCHEDULED
        :: else -> put_first(queue, j); status[j] = WAITING
        fi;
        holder[j] = 0;
        unlock(claim[s])
    :: else
    fi
}

inline bury(s)
{
    j = job[s];
    take(id[s / SLOTS], claim[s], j);
    if
    :: ours ->
        status[j] = DEAD;
        holder[j] = 0;
        unlock(claim[s]);
        pass_to_queue(j)
    :: else
    fi
}

/* ---- reap.lua ---- */

inline reap(w)
{
    for (i : 0 .. ALL - 1) {
        if
        :: id[i / SLOTS] == w -> answered[i] = 0; answer[i] = 0; answer_is_first[i] = false
        :: else
        fi
    };
    do
    :: len(processing[w]) > 0 ->
        take_last(processing[w], j);
        put_first(queue, j);
        if
        :: held_by(w, j) ->
            c = holder[j];
            status[j] = WAITING;
            holder[j] = 0;
            unlock(c)
        :: else
        fi
    :: else -> break
    od;
    known[w] = false
}

/* ---- recover.lua, with what the worker noted before: see Loop ---- */

#define is_kept(w, c)   (kept[(w) * SLOTS] == (c) || kept[(w) * SLOTS + 1] == (c) || \
                         kept_next[(w) * SLOTS] == (c) || kept_next[(w) * SLOTS + 1] == (c))

inline recover(w)
{
    k = JOBS;
    do
    :: k > 0 ->
        c = (held_by(id[w], k) -> holder[k] : 0);
        ours = processing[id[w]]??[eval(k)] && (c == 0 || (!is_kept(w, c) && c % NUMBERS <= last_number[w]));
        if
        :: ours ->
            processing[id[w]]??eval(k);
            put_first(queue, k);
            if
            :: c != 0 -> status[k] = WAITING; holder[k] = 0; unlock(c)
            :: else
            fi
        :: else
        fi;
        k--
    :: else -> break
    od
}

/* ---- survey.lua: its two halves ---- */

inline move_due()
{
    scheduled?j;
    if
    :: may_run(j) ->
        if
        :: turn == 0 -> turn = j
        :: else
        fi;
        put_first(queue, j);
        status[j] = WAITING
    :: else -> parked!j; status[j] = PARKED
    fi
}

#define has_ended(j)    (status[j] == UNKNOWN || status[j] == ENDED || status[j] == DEAD)
#define is_stuck        (lock == 0 && nempty(parked) && (turn == 0 || parked?[eval(turn)] || has_ended(turn)))

/* ---- The store: looking, opening and saving ---- */

/* The owner's token is one of the slot's: it has one writer at a time. A store that has lost an opening is given others after it. */
#if FORGETS
#define token(s)        ((s) + 1 + ALL * (FORGETS - forgets))
#else
#define token(s)        ((s) + 1)
#endif

#ifdef NO_OWNER_TOKEN
#define is_owner(s)     true
#else
#define is_owner(s)     (owner == my_owner[s])
#endif
#ifdef NO_HEAD
#define is_at_head(s)   true
#else
#define is_at_head(s)   (head == seen[s])
#endif
#ifdef NO_SEEN
#define is_unseen(s)    looks[s]
#else
#define is_unseen(s)    false
#endif
#ifdef NO_FENCE
#define fits(s)         true
#else
#define fits(s)         (is_unseen(s) || (epoch == my_epoch[s] && is_owner(s) && is_at_head(s)))
#endif

/* What a save leaves behind that opens the session and adds no checkpoint: its repetition finds it done. */
#define is_left_by(s)   (looks[s] && epoch == my_epoch[s] + 1 && owner == token(s) && head == seen[s])

inline look(s)
{
    my_epoch[s] = epoch;
    my_owner[s] = owner;
    seen[s] = head;
    node[s] = committed[job[s]]
}

inline open(s)
{
#if FORGETS
    opened_last = true;
    owner_before = owner;
    overtaken_before = overtaken;
#endif
    epoch++;
    owner = token(s);
    overtaken = overtaken | before[s];
    look(s)
}

/* What is written by a save that fits; it opens the session as well if that was only looked at. */
inline write(s)
{
#if FORGETS
    opened_last = false;
    owner_before = 0;
    overtaken_before = 0;
#endif
    /* No write by a zombie after its successor has opened. */
    assert((overtaken & (1 << s)) == 0);
    if
    :: looks[s] ->
        epoch++;
        owner = token(s);
        overtaken = overtaken | before[s]
    :: else
    fi
}

/* The writer has its answer: from here on the session is open. */
inline note_opening(s)
{
    if
    :: looks[s] ->
        looks[s] = false;
        my_epoch[s]++;
        my_owner[s] = token(s)
    :: else
    fi
}

/* ours is true if the store has the checkpoint afterwards. */
inline save(s)
{
    j = job[s];
    ours = true;
    if
    :: fits(s) ->
        /* Steps without a fork, each node once. */
        assert(seen[s] == head);
        assert(node[s] == committed[j]);
        /* The jobs in the order in which they were enqueued, one after the other. */
        assert(j == 1 || result[j - 1] == FINISHED || status[j - 1] == DEAD);
        assert(j == JOBS || committed[j + 1] == 0);
        write(s);
        head = seen[s] + 1;
        committed[j]++;
        stored[s] = true;
        if
        :: node[s] == NODES - 1 -> result[j] = FINISHED
        :: else
        fi
    :: else -> ours = stored[s]
    fi
}

/* Notes that the job has ended without a result; ours is true if the store has the note afterwards. */
inline note_end(s)
{
    ours = true;
    if
    :: fits(s) -> write(s); result[job[s]] = FAILED
    :: else -> ours = is_left_by(s)
    fi
}

/* ---- A slot: JobRunner ---- */

inline forget_claim(s)
{
    stored[s] = false; looks[s] = false; my_epoch[s] = 0; my_owner[s] = 0; seen[s] = 0; node[s] = 0;
    answered[s] = 0; answer[s] = 0; answer_is_first[s] = false; announced[s] = 0;
    overtaken = overtaken & ~(1 << s);
    for (i : 0 .. ALL - 1) {
        before[i] = before[i] & ~(1 << s)
    }
    before[s] = 0
}

inline free(s)
{
    forget_claim(s);
    phase[s] = FREE; job[s] = 0; claim[s] = 0; stopped[s] = false
}

/* Begins to work on a claim: with the first of a job it may only look at the session. */
inline start(s, with, as)
{
    for (i : 0 .. ALL - 1) {
        if
        :: i != s && phase[i] != FREE -> before[s] = before[s] | (1 << i)
        :: else
        fi
    };
    job[s] = with;
    claim[s] = as;
#ifdef LOOKS_ALWAYS
    looks[s] = true;
#else
    looks[s] = is_first;
#endif
    phase[s] = OPEN
}

#define settles(s)      (phase[s] == COMPLETE || phase[s] == RETRY || phase[s] == HAND_BACK || phase[s] == BURY)
#define works(s)        (phase[s] != FREE && !settles(s))
#define loses(s)        (losses > 0)

proctype Slot(byte s)
{
    end: do
    /* Looks at the session or opens it: with a new token each time that the reply is lost. A job that has its result is only settled. */
    :: d_step { phase[s] == OPEN ->
        if
        :: looks[s] -> look(s)
        :: else -> open(s)
        fi;
        if
        :: result[job[s]] == FINISHED -> phase[s] = COMPLETE
        :: else -> phase[s] = CONFIRM
        fi }
    :: d_step { phase[s] == OPEN && !looks[s] && loses(s) -> losses--; open(s) }
    /* The store cannot tell, or something else has written to the session: it has to be opened. */
    :: d_step { phase[s] == OPEN && looks[s] -> looks[s] = false }

    /* Is the claim still its own? Answered before the first save. */
    :: d_step { phase[s] == CONFIRM ->
        if
#ifdef NO_CONFIRMATION
        :: true -> phase[s] = RUN
#else
        :: lock == claim[s] -> phase[s] = RUN
#endif
        :: else -> phase[s] = HAND_BACK
        fi }

    /* Runs a node and saves its checkpoint; with the last one, the result. */
    :: d_step { phase[s] == RUN ->
        save(s);
        if
        :: ours ->
            stored[s] = false;
            note_opening(s);
            seen[s]++;
            node[s]++;
            if
            :: node[s] == NODES -> phase[s] = COMPLETE
            :: else
            fi
        :: else -> phase[s] = FENCED
        fi }
    :: d_step { phase[s] == RUN && loses(s) -> losses--; save(s) }

    /* The save's reply was lost, and then the attempt's time is over: whether it took effect, who comes next finds out. */
    :: d_step { phase[s] == RUN && stored[s] && failures > 0 ->
        failures--;
        stored[s] = false;
        announced[s] = 0;
        phase[s] = RETRY }

    /* Where the store stands in the queue's own Redis, the last save completes the job in the same step. Answered, these are two steps of
       those here with nothing between them; but the reply to both may be lost. */
    :: d_step { phase[s] == RUN && node[s] == NODES - 1 && loses(s) ->
        losses--;
        save(s);
        if
        :: ours -> complete(s)
        :: else
        fi }

    /* The node failed, the first one perhaps before the claim was confirmed: a retry, or the end of it. */
    :: d_step { (phase[s] == RUN || phase[s] == CONFIRM) && !stored[s] && failures > 0 -> failures--; phase[s] = RETRY }
    :: d_step { (phase[s] == RUN || phase[s] == CONFIRM) && !stored[s] && failures > 0 -> failures--; phase[s] = CONCLUDE }

    /* Refused by the store: opens again, at last hands back with a delay, or leaves all to its successor. */
    :: d_step { phase[s] == FENCED && lock == claim[s] -> looks[s] = false; phase[s] = OPEN }
    :: d_step { phase[s] == FENCED && lock == claim[s] -> phase[s] = RETRY }
    :: d_step { phase[s] == FENCED && lock != claim[s] -> free(s) }

    /* Notes in the store that the job is dead, once it knows that the claim is still its own: it may have opened after its successor
       did, and nothing was asked yet if the first node fails. */
    :: d_step { phase[s] == CONCLUDE ->
        if
#ifdef NO_ASKING
        :: true -> phase[s] = NOTE
#else
        :: lock == claim[s] -> phase[s] = NOTE
#endif
        :: else -> phase[s] = HAND_BACK
        fi }
    :: d_step { phase[s] == NOTE ->
        note_end(s);
        if
        :: ours -> phase[s] = BURY
        :: else -> phase[s] = FENCED
        fi }
    :: d_step { phase[s] == NOTE && loses(s) -> losses--; note_end(s) }

    /* Its task is cancelled: it hands back, whatever it was at. */
    :: d_step { stopped[s] && works(s) -> stored[s] = false; announced[s] = 0; phase[s] = HAND_BACK }

    /* Settles the claim; goes on with the session's next job. */
    :: d_step { phase[s] == COMPLETE ->
        complete(s);
        if
        :: next != 0 ->
            c = announced[s];
            forget_claim(s);
            start(s, next, c)
        :: else -> free(s)
        fi }
    :: d_step { phase[s] == RETRY -> requeue(s, true); free(s) }
    :: d_step { phase[s] == HAND_BACK -> requeue(s, false); free(s) }
    :: d_step { phase[s] == BURY -> bury(s); free(s) }

    /* The reply is lost: the same call again, unless the slot is cancelled. */
    :: d_step { phase[s] == COMPLETE && loses(s) ->
        losses--;
        complete(s);
        if
        :: stopped[s] -> free(s)
        :: else
        fi }
    :: d_step { (phase[s] == RETRY || phase[s] == HAND_BACK) && loses(s) ->
        losses--;
        if
        :: phase[s] == RETRY -> requeue(s, true)
        :: else -> requeue(s, false)
        fi;
        if
        :: stopped[s] -> free(s)
        :: else
        fi }
    :: d_step { phase[s] == BURY && loses(s) ->
        losses--;
        bury(s);
        if
        :: stopped[s] -> free(s)
        :: else
        fi }
    /* The call took no effect, and the slot gives up. */
    :: d_step { settles(s) && stopped[s] && loses(s) -> losses--; free(s) }
    od
}

/* ---- The claim loop: ClaimLoop. One thing at a time: a comparison never meets a claim under way. ---- */

inline free_slot(w)
{
    if
    :: phase[w * SLOTS] == FREE -> k = w * SLOTS
    :: else -> k = w * SLOTS + 1
    fi
}

#define may_claim(w)    (is_free(w) && !doubts[w] && !compares[w])

proctype Loop(byte w)
{
    end: do
    :: d_step { may_claim(w) && known[id[w]] && nempty(queue) && (w == 0 || has_begun) ->
        claim_jobs(w);
        if
        :: next != 0 -> free_slot(w); start(k, next, c)
        :: else
        fi }
    :: d_step { may_claim(w) && known[id[w]] && nempty(queue) && (w == 0 || has_begun) && losses > 0 ->
        losses--;
        claim_jobs(w);
        doubts[w] = true }
    :: d_step { may_claim(w) && !known[id[w]] -> known[id[w]] = true; silent[w] = false }
#ifndef NO_RECOVERY
    /* Notes what runs, and sends it; in between, slots go on. */
    :: d_step { is_free(w) && doubts[w] && !compares[w] ->
        for (i : w * SLOTS .. w * SLOTS + 1) {
            kept[i] = claim[i];
            kept_next[i] = announced[i]
        };
        last_number[w] = numbers[w];
        doubts[w] = false;
        compares[w] = true }
    :: d_step { compares[w] ->
        recover(w);
        for (i : w * SLOTS .. w * SLOTS + 1) {
            kept[i] = 0;
            kept_next[i] = 0
        };
        compares[w] = false;
        last_number[w] = 0 }
#endif
    od
}

/* ---- The heart: Heart, beat.lua ---- */

#define lost_lock(s)    (works(s) && !stopped[s] && lock != claim[s])
#define runs(w, c)      (claim[(w) * SLOTS] == (c) || claim[(w) * SLOTS + 1] == (c) || \
                         announced[(w) * SLOTS] == (c) || announced[(w) * SLOTS + 1] == (c))
#define is_stray(w, j)  (processing[id[w]]??[j] && !runs(w, holder[j]))

proctype Heart(byte w)
{
    end: do
    /* A beat, where it changes anything. A worker that is not known any more registers anew. */
    :: d_step { silent[w] || !known[id[w]] || lost_lock(w * SLOTS) || lost_lock(w * SLOTS + 1) ->
        silent[w] = false;
        for (i : w * SLOTS .. w * SLOTS + 1) {
            if
            :: works(i) && (lock != claim[i] || !known[id[w]]) -> stopped[i] = true
            :: else
            fi
        };
        if
        :: !known[id[w]] -> known[id[w]] = true; doubts[w] = true
        :: else
        fi }
    /* The processing list and what runs differ in length. (Where comparing would change nothing, it is not shown.) */
    :: d_step { !silent[w] && known[id[w]] && !doubts[w] && !compares[w] && len(processing[id[w]]) != busy(w) &&
        (is_stray(w, 1) || is_stray(w, 2)) -> doubts[w] = true }
    /* The locks could not be renewed in time. */
    :: d_step { silent[w] && works(w * SLOTS) && !stopped[w * SLOTS] -> stopped[w * SLOTS] = true }
    :: d_step { silent[w] && works(w * SLOTS + 1) && !stopped[w * SLOTS + 1] -> stopped[w * SLOTS + 1] = true }
    od
}

/* ---- Whichever worker looks after the others: DeathWatch, survey.lua, reap.lua ---- */

/* The script finds the beat unchanged: dead, or silent all the while. */
#define seems_dead(w)   ((w) < ids && known[w] && ((id[0] != (w) && id[1] != (w)) || (id[0] == (w) && silent[0]) || \
                         (id[1] == (w) && silent[1])))

proctype Reaper()
{
    byte w;
    end: do
    :: d_step { seems_dead(0) -> reap(0) }
    :: d_step { seems_dead(1) -> reap(1) }
#if CRASHES > 0
    :: d_step { seems_dead(2) -> reap(2) }
#endif
#if CRASHES > 1
    :: d_step { seems_dead(3) -> reap(3) }
#endif
    :: d_step { nempty(scheduled) -> move_due() }
    :: d_step { is_stuck -> pass_to_queue(turn) }
    od
}

/* ---- What may happen ---- */

#define renews(w)   (!silent[w] && (claim[(w) * SLOTS] == lock || claim[(w) * SLOTS + 1] == lock))

inline crash(w)
{
    for (k : w * SLOTS .. w * SLOTS + 1) {
        free(k);
        kept[k] = 0;
        kept_next[k] = 0
    };
    silent[w] = false; doubts[w] = false; compares[w] = false; last_number[w] = 0; numbers[w] = 0;
    id[w] = ids;
    known[ids] = true;
    ids++
}

proctype World()
{
    end: do
    :: d_step { crashes > 0 -> crashes--; crash(0) }
    :: d_step { crashes > 0 -> crashes--; crash(1) }
    :: d_step { silences > 0 && !silent[0] -> silences--; silent[0] = true }
    :: d_step { silences > 0 && !silent[1] -> silences--; silent[1] = true }
    :: d_step { lock != 0 && !renews(0) && !renews(1) -> lock = 0 }
#if FORGETS
    :: d_step { forgets > 0 && opened_last ->
        forgets--;
        opened_last = false;
        epoch--;
        owner = owner_before;
        overtaken = overtaken & overtaken_before;
        owner_before = 0;
        overtaken_before = 0 }
#endif
    od
}

/* ---- A producer: enqueue.lua, at any time; and what must be so when nothing can happen any more ---- */

#define is_done(j)  (status[j] == ENDED && result[j] == FINISHED && committed[j] == NODES)
#define is_dead(j)  (status[j] == DEAD && result[j] == FAILED && committed[j] < NODES)

init {
    d_step {
        for (i : 1 .. JOBS) { status[i] = UNKNOWN; result[i] = NONE };
        for (i : 0 .. ALL - 1) { phase[i] = FREE };
        for (i : 0 .. WORKERS - 1) { id[i] = i; known[i] = true };
        ids = WORKERS
    };
    atomic {
        run Slot(0); run Slot(1); run Slot(2); run Slot(3);
        run Loop(0); run Loop(1); run Heart(0); run Heart(1); run Reaper(); run World()
    };
    d_step { queue!1; status[1] = WAITING };
    d_step { queue!2; status[2] = WAITING };
    timeout;
    d_step {
        assert(is_done(1) || is_dead(1));
        assert(is_done(2) || is_dead(2));
        assert(head == committed[1] + committed[2]);
        assert(empty(queue) && empty(parked) && empty(scheduled) && turn == 0 && lock == 0);
        for (k : 0 .. ids - 1) { assert(empty(processing[k])) };
        k = 0
    };
    /* The one state that may last: any other way to go on for ever is a cycle without progress. */
    progress: do
    :: true -> skip
    od
}
