// SPDX-License-Identifier: GPL-2.0
/* The reference; see model.h. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model.h"

struct m_device {
	u32 id;
	unsigned int width;
	u64 itt;
};

struct m_event {
	u32 device, event, intid;
	u16 icid;
};

struct m_its {
	struct model_layout layout;
	struct m_device *device;
	struct m_event *event;
	size_t nr_devices, nr_events;
	s32 target[65536];		/* of each ICID, -1: not mapped */
	unsigned int nr_mapped;
};

struct m_lpi {
	unsigned int mappings;
	bool pending;
	int target;			/* -1: none */
	u8 config;
};

static struct m_its its_of[MODEL_ITS];
static struct m_lpi lpis[NR_INTIDS];
static unsigned int nr_lpis;		/* with mappings */
char model_where[128];

void model_reset(void)
{
	unsigned int n;

	for (n = 0; n < MODEL_ITS; n++) {
		free(its_of[n].device);
		free(its_of[n].event);
		memset(&its_of[n], 0, sizeof(its_of[n]));
		memset(its_of[n].target, 0xff, sizeof(its_of[n].target));
	}
	memset(lpis, 0, sizeof(lpis));
	nr_lpis = 0;
}

void model_layout(unsigned int n, const struct model_layout *layout)
{
	its_of[n].layout = *layout;
}

void model_state(u8 state[MODEL_STATE])
{
	struct m_its *m = &its_of[0];
	unsigned int i;

	memset(state, 0, MODEL_STATE);
	for (i = 0; i < 2; i++) {
		struct m_lpi *lpi = &lpis[8192 + i];

		state[i] = m->target[i] + 1;
		if (lpi->mappings)
			state[2 + i] = 0x80 | lpi->pending << 6 | (lpi->target + 1);
	}
	for (i = 0; i < m->nr_devices; i++)
		state[4 + m->device[i].id] = 1;
	for (i = 0; i < m->nr_events; i++) {
		const struct m_event *e = &m->event[i];

		state[6 + 2 * e->device + e->event] = 0x80 | (e->intid - 8192) << 4 | e->icid;
	}
}

unsigned int model_events(unsigned int n)
{
	return its_of[n].nr_events;
}

static struct m_device *m_device(struct m_its *m, u32 id)
{
	size_t i;

	for (i = 0; i < m->nr_devices; i++)
		if (m->device[i].id == id)
			return &m->device[i];
	return NULL;
}

static struct m_event *m_event(struct m_its *m, u32 device, u32 event)
{
	size_t i;

	for (i = 0; i < m->nr_events; i++)
		if (m->event[i].device == device && m->event[i].event == event)
			return &m->event[i];
	return NULL;
}

static void m_unmap_event(struct m_its *m, struct m_event *e)
{
	if (!--lpis[e->intid].mappings)
		nr_lpis--;
	lpis[e->intid].pending = false;
	*e = m->event[--m->nr_events];
}

static void m_unmap_device(struct m_its *m, struct m_device *d)
{
	size_t i;

	for (i = 0; i < m->nr_events;)
		if (m->event[i].device == d->id)
			m_unmap_event(m, &m->event[i]);
		else
			i++;
	*d = m->device[--m->nr_devices];
}

static void m_retarget(struct m_its *m, u16 icid, int target)
{
	size_t i;

	m->nr_mapped += (target >= 0) - (m->target[icid] >= 0);
	m->target[icid] = target;
	for (i = 0; i < m->nr_events; i++)
		if (m->event[i].icid == icid)
			lpis[m->event[i].intid].target = target;
}

static bool m_collection_has_events(struct m_its *m, u16 icid)
{
	size_t i;

	for (i = 0; i < m->nr_events; i++)
		if (m->event[i].icid == icid)
			return true;
	return false;
}

void model_clear(unsigned int n)
{
	struct m_its *m = &its_of[n];

	while (m->nr_devices)
		m_unmap_device(m, &m->device[0]);
	if (m->nr_mapped)
		memset(m->target, 0xff, sizeof(m->target));
	m->nr_mapped = 0;
}

static bool m_device_fits(const struct model_layout *l, u32 id)
{
	if (!l->devices_valid || id > 65535)
		return false;
	if (!l->indirect)
		return id < l->devices;
	return l->level2[id / 8192];
}

static bool m_collection_fits(const struct model_layout *l, u16 icid)
{
	return l->collections_valid && icid < l->collections;
}

static enum its_result m_mapd(struct m_its *m, u32 id, const u64 *w)
{
	struct m_device *d = m_device(m, id);

	if (id > 65535)
		return ITS_DEVICE_OUT_OF_RANGE;
	if (!(w[2] >> 63)) {
		if (d)
			m_unmap_device(m, d);
		return ITS_OK;
	}
	if ((w[1] & 0x1f) > 15)
		return ITS_SIZE_OUT_OF_RANGE;
	if (!m_device_fits(&m->layout, id))
		return ITS_DEVICE_OUT_OF_RANGE;
	if (d)
		m_unmap_device(m, d);
	m->device = realloc(m->device, (m->nr_devices + 1) * sizeof(*m->device));
	assert(m->device);
	m->device[m->nr_devices++] = (struct m_device) {
		.id = id, .width = (w[1] & 0x1f) + 1, .itt = w[2] & 0xfffffffffff00,
	};
	return ITS_OK;
}

static enum its_result m_mapc(struct m_its *m, u16 icid, const u64 *w)
{
	u64 rdbase = w[2] << 13 >> 29;

	if (!(w[2] >> 63)) {
		if (m->target[icid] >= 0)
			m_retarget(m, icid, -1);
		return ITS_OK;
	}
	if (!m_collection_fits(&m->layout, icid))
		return ITS_COLLECTION_OUT_OF_RANGE;
	if (rdbase >= NR_VCPUS)
		return ITS_TARGET_OUT_OF_RANGE;
	m_retarget(m, icid, rdbase);
	return ITS_OK;
}

static enum its_result m_mapti(struct m_its *m, u32 id, u32 event, u32 intid, u16 icid)
{
	struct m_device *d = m_device(m, id);
	struct m_event *e;

	if (id > 65535)
		return ITS_DEVICE_OUT_OF_RANGE;
	if (!d)
		return ITS_UNMAPPED_DEVICE;
	if (event >= 1ull << d->width)
		return ITS_EVENT_OUT_OF_RANGE;
	if (intid < 8192 || intid >= 1ull << world.id_bits)
		return ITS_INTID_OUT_OF_RANGE;
	if (m->target[icid] < 0 && !m_collection_has_events(m, icid) &&
	    !m_collection_fits(&m->layout, icid))
		return ITS_COLLECTION_OUT_OF_RANGE;

	e = m_event(m, id, event);
	if (e && e->intid == intid) {
		e->icid = icid;
		lpis[intid].target = m->target[icid];
		return ITS_OK;
	}
	m->event = realloc(m->event, (m->nr_events + 1) * sizeof(*m->event));
	assert(m->event);
	e = m_event(m, id, event);
	if (!lpis[intid].mappings++) {
		nr_lpis++;
		lpis[intid].config = world.config[intid];
		lpis[intid].target = -1;
	}
	/* A collection without a target does not take an LPI from where another event has it. */
	if (m->target[icid] >= 0)
		lpis[intid].target = m->target[icid];
	if (e)
		m_unmap_event(m, e);
	m->event[m->nr_events++] = (struct m_event) { id, event, intid, icid };
	return ITS_OK;
}

static enum its_result m_find(struct m_its *m, u32 id, u32 event, struct m_event **e)
{
	struct m_device *d = m_device(m, id);

	if (id > 65535)
		return ITS_DEVICE_OUT_OF_RANGE;
	if (!d)
		return ITS_UNMAPPED_DEVICE;
	if (event >= 1ull << d->width)
		return ITS_EVENT_OUT_OF_RANGE;
	*e = m_event(m, id, event);
	return *e ? ITS_OK : ITS_UNMAPPED_EVENT;
}

static enum its_result m_mapped_collection(struct m_its *m, u16 icid)
{
	if (m->target[icid] >= 0)
		return ITS_OK;
	if (!m_collection_fits(&m->layout, icid) && !m_collection_has_events(m, icid))
		return ITS_COLLECTION_OUT_OF_RANGE;
	return ITS_UNMAPPED_COLLECTION;
}

static void m_movall(int from, int to)
{
	unsigned int i;

	for (i = 8192; i < NR_INTIDS; i++)
		if (lpis[i].mappings && lpis[i].target == from)
			lpis[i].target = to;
}

enum its_result model_run(unsigned int n, const u64 w[4])
{
	struct m_its *m = &its_of[n];
	u32 id = w[0] >> 32, event = w[1];
	u16 icid = w[2];
	u64 rd1 = w[2] << 13 >> 29, rd2 = w[3] << 13 >> 29;
	enum its_result ret;
	struct m_event *e;
	size_t i;

	switch (w[0] & 0xff) {
	case 0x08:
		return m_mapd(m, id, w);
	case 0x09:
		return m_mapc(m, icid, w);
	case 0x0a:
		return m_mapti(m, id, event, w[1] >> 32, icid);
	case 0x0b:
		return m_mapti(m, id, event, event, icid);
	case 0x01:	/* MOVI */
		ret = m_find(m, id, event, &e);
		if (!ret)
			ret = m_mapped_collection(m, icid);
		if (!ret) {
			e->icid = icid;
			lpis[e->intid].target = m->target[icid];
		}
		return ret;
	case 0x0f:	/* DISCARD */
		ret = m_find(m, id, event, &e);
		if (!ret)
			m_unmap_event(m, e);
		return ret;
	case 0x03:	/* INT */
		ret = m_find(m, id, event, &e);
		if (!ret && m->target[e->icid] < 0)
			ret = ITS_UNMAPPED_COLLECTION;
		if (!ret && lpis[e->intid].target >= 0)
			lpis[e->intid].pending = true;
		return ret;
	case 0x04:	/* CLEAR */
		ret = m_find(m, id, event, &e);
		if (!ret)
			lpis[e->intid].pending = false;
		return ret;
	case 0x0c:	/* INV */
		ret = m_find(m, id, event, &e);
		if (!ret)
			lpis[e->intid].config = world.config[e->intid];
		return ret;
	case 0x0d:	/* INVALL */
		ret = m_mapped_collection(m, icid);
		for (i = 0; !ret && i < m->nr_events; i++)
			if (m->event[i].icid == icid)
				lpis[m->event[i].intid].config = world.config[m->event[i].intid];
		return ret;
	case 0x0e:	/* MOVALL */
		if (rd1 >= NR_VCPUS || rd2 >= NR_VCPUS)
			return ITS_TARGET_OUT_OF_RANGE;
		m_movall(rd1, rd2);
		return ITS_OK;
	case 0x05:	/* SYNC */
		return rd1 < NR_VCPUS ? ITS_OK : ITS_TARGET_OUT_OF_RANGE;
	default:
		return ITS_UNKNOWN_COMMAND;
	}
}

/* ---- Comparing */

#define DIFF(cond, what, ...) do {						\
	if (cond) {								\
		snprintf(model_where, sizeof(model_where), what, ##__VA_ARGS__);	\
		return model_where;						\
	}									\
} while (0)

static const char *compare_collections(struct its *its, struct m_its *m)
{
	struct its_collection *c;
	struct its_translation *tr;
	u32 icid;
	unsigned int mapped = 0, seen = 0;

	its_for_each_collection(its, icid, c) {
		DIFF(icid > 65535 || c->icid != icid, "collection %u is %u", icid, c->icid);
		DIFF(c->mapped != (m->target[icid] >= 0), "collection %u mapped", icid);
		DIFF(c->target != (c->mapped ? &world.vcpus[m->target[icid]] : NULL),
		     "target of collection %u", icid);
		DIFF(!c->mapped && list_empty(&c->translations), "idle collection %u", icid);
		list_for_each_entry(tr, &c->translations, by_collection) {
			DIFF(tr->collection != c, "event %u on collection %u", tr->event_id, icid);
			seen++;
		}
		mapped += c->mapped;
	}
	DIFF(seen != m->nr_events, "%u events in collections, not %zu", seen, m->nr_events);
	DIFF(mapped != m->nr_mapped, "%u mapped collections, not %u", mapped, m->nr_mapped);
	return NULL;
}

const char *model_compare(struct its *its, unsigned int n)
{
	struct m_its *m = &its_of[n];
	struct its_translation *tr;
	struct its_device *d;
	u32 id, event_id;
	unsigned int devices = 0, events = 0, own;
	size_t i;

	for (i = 0; i < m->nr_devices; i++) {
		d = its_device_find(its, m->device[i].id);
		DIFF(!d, "device %#x is not there", m->device[i].id);
		DIFF(d->event_bits != m->device[i].width || d->itt != m->device[i].itt,
		     "device %#x differs", m->device[i].id);
	}
	for (i = 0; i < m->nr_events; i++) {
		struct m_event *e = &m->event[i];

		d = its_device_find(its, e->device);
		tr = d ? its_event_find(d, e->event) : NULL;
		DIFF(!tr, "event %#x:%#x is not there", e->device, e->event);
		DIFF(tr->device != d || tr->event_id != e->event, "event %#x:%#x is another",
		     e->device, e->event);
		DIFF(tr->lpi != world.lpi[e->intid], "LPI of %#x:%#x", e->device, e->event);
		DIFF(tr->collection->icid != e->icid ||
		     tr->collection != its_collection_find(its, e->icid),
		     "collection of %#x:%#x", e->device, e->event);
		DIFF(translate(its, e->device, e->event) != e->intid, "translation of %#x:%#x",
		     e->device, e->event);
	}
	its_for_each_device(its, id, d) {
		DIFF(d->device_id != id, "device %u is %u", id, d->device_id);
		own = 0;
		its_for_each_event(d, event_id, tr)
			own++;
		DIFF(own != d->events.nr, "count of device %u's events", id);
		events += own;
		devices++;
	}
	DIFF(devices != m->nr_devices, "%u devices, not %zu", devices, m->nr_devices);
	DIFF(events != m->nr_events || its->nr_translations != events, "%u events (%u), not %zu",
	     events, its->nr_translations, m->nr_events);
	return compare_collections(its, m);
}

static const char *compare_lpi(u32 intid)
{
	const struct vgic_irq *lpi = world.lpi[intid];
	const struct m_lpi *m = &lpis[intid];

	DIFF(!lpi, "LPI %u is not there", intid);
	DIFF(lpi->refs.refs != (int)m->mappings, "LPI %u: %d references, not %u", intid,
	     lpi->refs.refs, m->mappings);
	DIFF(lpi->latch != m->pending, "LPI %u pending", intid);
	DIFF(lpi->target != (m->target < 0 ? NULL : &world.vcpus[m->target]), "LPI %u target",
	     intid);
	DIFF(lpi->enabled != (m->config & 1) || lpi->priority != (m->config & 0xfc),
	     "LPI %u configuration", intid);
	return NULL;
}

const char *model_compare_lpis(void)
{
	const char *diff;
	unsigned int n;
	size_t i;

	DIFF(world.writes, "guest memory was written");
	DIFF(world.nr_lpis != nr_lpis, "%u LPIs, not %u", world.nr_lpis, nr_lpis);
	for (n = 0; n < MODEL_ITS; n++) {
		for (i = 0; i < its_of[n].nr_events; i++) {
			diff = compare_lpi(its_of[n].event[i].intid);
			if (diff)
				return diff;
		}
	}
	return NULL;
}

/* ---- Layouts in registers and memory */

void model_apply_layout(struct its *its, unsigned int n)
{
	const struct model_layout *l = &its_of[n].layout;
	u64 i, val;
	gpa_t devices = MEM_DEVICES + n * 0x10000, level2 = MEM_LEVEL2 + n * 0x100000;

	val = (u64)l->devices_valid << 63 | (u64)l->indirect << 62 | devices;
	val |= l->indirect ? 0 : l->devices / 8192 - 1;
	its->baser_device = its_sanitise_baser(val, ITS_BASER_DEVICE, ITS_DTE_SIZE);
	val = (u64)l->collections_valid << 63 | MEM_COLLECTIONS | (l->collections / 8192 - 1);
	its->baser_collection = its_sanitise_baser(val, ITS_BASER_COLLECTION, ITS_CTE_SIZE);
	for (i = 0; i < sizeof(l->level2); i++)
		mem_write64(devices + 8 * i, l->level2[i] ?
			    1ULL << 63 | (level2 + (i << 16)) : 0);
}
