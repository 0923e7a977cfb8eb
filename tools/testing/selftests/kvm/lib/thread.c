// SPDX-License-Identifier: GPL-2.0
/* Threads that run vCPUs. */
#include <sys/syscall.h>

#include "kvm_lib.h"

static void ignore(int sig)
{
	(void)sig;
}

void kick_signal_init(void)
{
	struct sigaction sa = { .sa_handler = ignore };

	must(sigaction(SIGUSR1, &sa, NULL));
}

static void *run_thread(void *arg)
{
	struct vcpu_thread *t = arg;
	struct vcpu *vcpu = t->vcpu;

	t->tid = syscall(SYS_gettid);
	while (!t->stop && !t->finished && !t->error) {
		/* Not vcpu_run(), which goes on after a signal: here stop has to be seen. */
		int ret = vcpu_run_once(vcpu);
		unsigned int what;

		if (ret) {
			t->error = ret == -EINTR ? 0 : ret;
			continue;
		}
		what = vcpu_exit(vcpu);
		if (what == EXIT_GUEST_DONE)
			t->finished = true;
		else if (what == EXIT_GUEST_SYNC)
			t->syncs++;
		else if (what != EXIT_NOTHING)
			t->error = what;
	}
	return NULL;
}

void vcpu_thread_start(struct vcpu_thread *t, struct vcpu *vcpu)
{
	int ret;

	kick_signal_init();
	memset(t, 0, sizeof(*t));
	t->vcpu = vcpu;
	ret = pthread_create(&t->thread, NULL, run_thread, t);
	if (ret)
		test_fail("pthread_create: %s", strerror(ret));
}

void vcpu_thread_kick(struct vcpu_thread *t)
{
	/* A signal that comes just before KVM_RUN would be lost but for this; it stays set until the thread has gone. */
	t->vcpu->run->immediate_exit = 1;
	pthread_kill(t->thread, SIGUSR1);
}

void vcpu_thread_join(struct vcpu_thread *t)
{
	pthread_join(t->thread, NULL);
	if (!t->finished)
		test_fail("vCPU %u: did not finish: %d", t->vcpu->id, t->error);
}

void vcpu_thread_stop(struct vcpu_thread *t)
{
	t->stop = true;
	vcpu_thread_kick(t);
	pthread_join(t->thread, NULL);
	t->vcpu->run->immediate_exit = 0;
}
