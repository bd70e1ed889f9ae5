#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "engine/question.h"

struct questions {
	atomic_bool is_asked;  /* a hint: the truth is behind the lock */
	pthread_mutex_t lock;  /* held while a question is answered */
	pthread_cond_t answered;
	question *ask;         /* NULL: none waits */
	void *context;
	bool has_ended;
};

struct questions *questions_new(void)
{
	struct questions *q = mem_new(sizeof(*q));
	pthread_condattr_t steady;

	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(&q->answered, &steady);
	pthread_condattr_destroy(&steady);
	return q;
}

void questions_free(struct questions *q)
{
	pthread_cond_destroy(&q->answered);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static struct timespec in_ms(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

bool questions_ask(struct questions *q, question *ask, void *context, unsigned wait_ms)
{
	struct timespec until = in_ms(wait_ms);
	int error = 0;

	pthread_mutex_lock(&q->lock);
	q->ask = q->has_ended ? NULL : ask;
	q->context = context;
	bool is_asked = q->ask != NULL;
	atomic_store_explicit(&q->is_asked, is_asked, memory_order_relaxed);
	while (q->ask && !q->has_ended && error == 0)
		error = pthread_cond_timedwait(&q->answered, &q->lock, &until);
	bool is_answered = is_asked && !q->ask;
	q->ask = NULL;
	atomic_store_explicit(&q->is_asked, false, memory_order_relaxed);
	pthread_mutex_unlock(&q->lock);
	return is_answered;
}

bool questions_wait(const struct questions *q)
{
	return atomic_load_explicit(&q->is_asked, memory_order_relaxed);
}

void questions_answer(struct questions *q, const struct engine_view *view)
{
	pthread_mutex_lock(&q->lock);
	if (q->ask)
		q->ask(q->context, view);
	q->ask = NULL;
	atomic_store_explicit(&q->is_asked, false, memory_order_relaxed);
	pthread_cond_signal(&q->answered);
	pthread_mutex_unlock(&q->lock);
}

void questions_end(struct questions *q)
{
	pthread_mutex_lock(&q->lock);
	q->has_ended = true;
	pthread_cond_broadcast(&q->answered);
	pthread_mutex_unlock(&q->lock);
}
