// What every Jiqun map does beside Folium: its frame, legend, inset and view. Text arrives already made safe by geo/web_assets.py.
window.jiqun = (function () {
  'use strict';
  var remembered = {};   // per map id: what survives when layers are drawn again
  var atlas = {};        // outlines and features by name, from geo/atlas.py

  function know(entries) { Object.assign(atlas, entries); }

  function memory(map) {
    var id = L.stamp(map);
    return remembered[id] || (remembered[id] = { view: null, target: null, moved: false, told: 0 });
  }

  function element(tag, className, parent, html) {
    var e = L.DomUtil.create(tag, className, parent);
    if (html) { e.innerHTML = html; }
    return e;
  }

  function control(map, position, build) {
    var c = L.control({ position: position });
    c.onAdd = function () {
      var e = build();
      L.DomEvent.disableClickPropagation(e);
      L.DomEvent.disableScrollPropagation(e);
      return e;
    };
    return c.addTo(map);
  }

  // The part that never changes while a page is open: colours, scale, notice, "whole city" button, fit to the frame.
  function frame(map, o) {
    var box = map.getContainer();
    Object.keys(o.colours).forEach(function (name) { document.documentElement.style.setProperty('--jq-' + name, o.colours[name]); });
    box.setAttribute('role', 'application');
    box.setAttribute('aria-label', o.words.map);
    if (window.frameElement) { window.frameElement.setAttribute('aria-label', o.words.map); }
    byKeyboard(map);
    map.attributionControl.setPrefix('');
    map.attributionControl.addAttribution(o.notice);
    L.control.scale({ imperial: false, maxWidth: 90 }).addTo(map);
    map.zoomControl.getContainer().querySelectorAll('a').forEach(function (a, i) {
      a.title = i ? o.words.zoom_out : o.words.zoom_in;
      a.setAttribute('aria-label', a.title);
    });
    control(map, 'topleft', function () {
      var bar = element('div', 'leaflet-bar');
      var a = element('a', 'jq-home', bar, '⌂');
      a.href = '#'; a.title = o.words.home; a.setAttribute('role', 'button'); a.setAttribute('aria-label', o.words.home);
      L.DomEvent.on(a, 'click', function (e) { L.DomEvent.stop(e); map.closePopup(); go(map, map.jiqun.bounds); if (o.linked) { lead(map); } tell(map, { kind: 'home' }); });
      return bar;
    });
    if (o.linked) { link(map); }
    if (o.watermark) { watermark(box, o.watermark); }
    map.jiqun = o;
    o.layers = [];
    map.on('popupopen', function () { named(map, '.leaflet-popup-close-button', o.words.close); });
    map.on('zoomend', function () { mark(map); if (tiled(map)) { near(map, tiled(map)); } });
    map.on('click', function (e) { if (tiled(map)) { tell(map, Object.assign({ kind: 'ground' }, where(map, e))); } });
    map.on('dragstart', function () { memory(map).moved = true; });
    map.on('overlayadd overlayremove', function (e) { layerToggled(map, e); });
    memory(map).target = o.bounds;
    whenStyled(map, function () { map.invalidateSize(false); go(map, memory(map).target); });
    new ResizeObserver(function () { map.invalidateSize(false); if (!memory(map).moved) { go(map, memory(map).target); } mark(map); }).observe(box);
  }

  // Across the whole map, above all that is drawn and below what is opened; the notice says the same to a screen reader.
  function watermark(box, words) {
    var sheet = element('div', 'jq-watermark', box);
    sheet.setAttribute('aria-hidden', 'true');
    for (var i = 0; i < 12; i++) { element('span', '', sheet, words); }
  }

  // Style sheets may come after the map: nothing is measured before they are here.
  function styled(map) {
    var style = getComputedStyle(map.getContainer());
    return style.overflow === 'hidden' && style.getPropertyValue('--jq-styled') !== '';
  }

  function whenStyled(map, then) {
    if (styled(map)) { then(); } else { requestAnimationFrame(function () { whenStyled(map, then); }); }
  }

  function go(map, bounds) {
    var m = memory(map), size = map.getSize();
    m.target = bounds; m.moved = false;
    if (!styled(map) || Math.min(size.x, size.y) < 80) { return; }   // not laid out yet: frame() and the observer come back
    var edge = map.getSize().x < 600 ? 6 : 14, covered = 0, linked = map.jiqun.linked;
    m.led = true;
    map.getContainer().querySelectorAll('.jq-legend').forEach(function (e) { covered = Math.max(covered, map.getContainer().getBoundingClientRect().bottom - e.getBoundingClientRect().top); });
    map.fitBounds(bounds, { paddingTopLeft: [edge, edge], paddingBottomRight: [edge, m.clear && covered ? covered + 4 : edge],
      maxZoom: 14, animate: false });
    m.led = false;
    if (linked) { m.rest = { centre: map.getCenter(), zoom: map.getZoom() }; }
    mark(map);
  }

  // Linked maps rest on different places at one scale: how far one is moved from its rest, in pixels at the rest's zoom
  // and in zoom, the others are moved too. Each lies in a frame of its own, so they tell each other through the page.
  function link(map) {
    map.getContainer().classList.add('jq-linked');
    map.on('move zoomend', function () { if (!memory(map).led) { lead(map); } });
    window.addEventListener('message', function (e) {
      var away = e.origin === location.origin && e.source !== window && e.data && e.data.jiqun === 'moved' ? e.data.away : null;
      if (away && [away.x, away.y, away.zoom].every(Number.isFinite)) { follow(map, away); }
    });
  }

  function lead(map) {
    var rest = memory(map).rest;
    if (!rest || window.parent === window) { return; }
    var moved = map.project(map.getCenter(), rest.zoom).subtract(map.project(rest.centre, rest.zoom));
    var message = { jiqun: 'moved', away: { x: moved.x, y: moved.y, zoom: map.getZoom() - rest.zoom } };
    for (var i = 0; i < window.parent.frames.length; i++) {
      if (window.parent.frames[i] !== window) { window.parent.frames[i].postMessage(message, location.origin); }
    }
  }

  function follow(map, away) {
    var m = memory(map), rest = m.rest;
    if (!rest) { return; }
    var centre = map.unproject(map.project(rest.centre, rest.zoom).add([away.x, away.y]), rest.zoom), zoom = rest.zoom + away.zoom;
    m.led = true;
    m.moved = Boolean(away.x || away.y || away.zoom);
    if (Math.abs(map.getZoom() - zoom) < 1e-6) { map.panTo(centre, { animate: false }); } else { map.setView(centre, zoom, { animate: false }); }
    m.led = false;
  }

  // Of numbers of hulls that would lie on each other the first stays, that of the larger one; of letters of hubs likewise.
  function apart(map, kind) {
    var numbers = Array.from(map.getContainer().querySelectorAll(kind)), taken = [];
    numbers.map(function (e) { return e.getBoundingClientRect(); }).forEach(function (r, i) {
      var free = taken.every(function (o) { return r.right < o.left || o.right < r.left || r.bottom < o.top || o.bottom < r.top; });
      numbers[i].style.visibility = free ? '' : 'hidden';
      if (free && r.width) { taken.push(r); }
    });
  }

  // Names of places that would lie on another name or leave the frame stay hidden; the first drawn wins.
  function declutter(map) {
    apart(map, '.jq-hull');
    apart(map, '.jq-badge');
    var box = map.getContainer(), width = map.getSize().x, frame = box.getBoundingClientRect();
    if (!box.classList.contains('jq-near')) { return; }   // none is shown
    var places = Array.from(box.querySelectorAll('.jq-place')), areas = Array.from(box.querySelectorAll('.jq-label b'));
    function place(e) { return e.getBoundingClientRect(); }
    var taken = areas.map(place), seats = places.map(place);   // all read before any is written
    places.forEach(function (e, i) {
      var r = seats[i];
      var free = r.right - frame.left < width && taken.every(function (o) {
        return r.right < o.left || o.right < r.left || r.bottom < o.top || o.bottom < r.top;
      });
      e.style.visibility = free ? '' : 'hidden';
      if (free) { taken.push(r); }
    });
  }

  // Far away, marks shrink with the map; words that would lie on each other go.
  function mark(map) {
    var far = map.getZoom() < 9.5, factor = far ? 0.6 : 1;
    map.eachLayer(function (layer) { if (layer.jiqunRadius) { layer.setRadius(layer.jiqunRadius * factor); } });
    map.getContainer().classList.toggle('jq-far', far);
    map.getContainer().classList.toggle('jq-near', map.getZoom() >= 11.5);
    declutter(map);
  }

  function named(map, selector, words) {
    map.getContainer().querySelectorAll(selector).forEach(function (e) { e.title = words; e.setAttribute('aria-label', words); });
  }

  // One channel back to the page: an event that looks like a click on a feature with these properties.
  function tell(map, properties) {
    var m = memory(map), group = map.jiqun.group;
    if (!group) { return; }
    properties.told = ++m.told;
    group.fire('click', { latlng: map.getCenter(), layer: { toGeoJSON: function () { return { type: 'Feature', properties: properties }; } } });
  }

  function layerToggled(map, e) {
    var layers = window.layer_control;
    if (!layers || !layers._handlingClick) { return; }
    tell(map, { kind: 'layer', id: e.name, on: e.type === 'overlayadd' });
  }

  // Features, or names of those in the atlas. A popup is bound while it is open, so that a click can be left to the server.
  function features(map, group, o) {
    var known = o.features.map(function (f) {
      f = typeof f === 'string' ? atlas[f] : f;
      return typeof f.geometry === 'string' ? Object.assign({}, f, { geometry: atlas[f.geometry] }) : f;
    });
    L.geoJSON({ type: 'FeatureCollection', features: known }, {
      pane: pane(map, o.pane),
      style: function (f) { return f.properties.style; },
      pointToLayer: function (f, at) { return L.circleMarker(at, Object.assign({ pane: o.pane }, f.properties.style)); },
      onEachFeature: function (f, layer) { each(map, f, layer); underPointer(layer, f.properties.style, o.colour); }
    }).bindTooltip(function (layer) { return tip(layer.feature.properties); }, { sticky: true }).addTo(group);
  }

  function tip(p) {
    var lines = p.tip.map(function (line, i) { return i ? '<span>' + line + '</span>' : '<b>' + line + '</b>'; });
    return '<div class="jq-tip">' + lines.join('<br>') + '</div>';
  }

  function cards(p) {
    return '<div class="jq-card">' + p.cards.map(function (c) {
      var seal = c[3].length ? '<span class="seal" style="background:' + c[3][1] + ';color:' + c[3][2] + '">' + c[3][0] + '</span>' : '';
      var rows = c[1].map(function (row) { return '<tr><td>' + row[0] + '</td><td>' + row[1] + '</td></tr>'; }).join('');
      var small = c[2].map(function (line) { return '<small>' + line + '</small>'; }).join('');
      return '<section><h6>' + seal + c[0] + '</h6><table>' + rows + '</table>' + small + '</section>';
    }).join('') + '</div>';
  }

  // Areas lie lowest, tiles above them, hulls on these, marks and words above all.
  function pane(map, name) {
    var below = { areas: 350, tiles: 375, hulls: 380 };
    if (below[name] && !map.getPane(name)) { map.createPane(name).style.zIndex = below[name]; }
    if (name === 'tiles') { map.getPane(name).style.pointerEvents = 'none'; }
    return name;
  }

  function underPointer(layer, style, colour) {
    layer.on('mouseover', function () { layer.setStyle({ color: colour, weight: 3, dashArray: '' }); });
    layer.on('mouseout', function () { layer.setStyle({ color: style.color, weight: style.weight, dashArray: style.dashArray || '' }); });
  }

  // A feature answers a click with what it is and where the click was, never with its whole geometry; its words come and go with it.
  function each(map, feature, layer) {
    var p = feature.properties, at = null;
    layer.toGeoJSON = function () { return { type: 'Feature', properties: Object.assign({ kind: p.kind, id: p.id }, at) }; };
    layer.jiqunId = p.kind + ':' + p.id;
    if (layer.getRadius && !p.keep) { layer.jiqunRadius = layer.getRadius(); }
    layer.on('click', function (e) {
      layer.unbindPopup();
      if (e.originalEvent) { L.DomEvent.stopPropagation(e); }
      at = e.originalEvent && asks(map, p.kind) ? where(map, e) : null;
      if (!at && p.cards.length) { layer.bindPopup(cards(p), { maxWidth: 320 }).openPopup(e.latlng); }
      setTimeout(function () { hush(map); }, 0);
    });
    layer.on('popupclose', function () { layer.unbindPopup(); });
    var beside = (p.words || []).map(function (w) {
      var icon = L.divIcon({ html: w[2], iconSize: [0, 0], className: 'jq' });
      return L.marker([w[0], w[1]], { icon: icon, interactive: false, keyboard: false, zIndexOffset: w[3] || 0 });
    });
    if (p.uncertainty) {
      beside.push(L.circle(layer.getLatLng(), { radius: p.uncertainty, weight: 0.8, dashArray: '2 3', interactive: false, className: 'jq-uncertain' }));
    }
    layer.on('add', function () { reachable(layer); beside.forEach(function (part) { part.addTo(layer._map); }); });
    layer.on('remove', function () { beside.forEach(function (part) { part.remove(); }); });
  }

  function hush(map) { map.eachLayer(function (layer) { if (layer instanceof L.Tooltip) { map.closeTooltip(layer); } }); }

  function outline(map, group, o) {
    L.geoJSON(atlas[o.entry], { style: { color: o.colour, weight: o.weight || 2.5, fill: false }, interactive: false }).addTo(group);
  }

  // Circles on the ground around a point, each with its radius in words at its northern end.
  function rings(map, group, o) {
    o.rings.forEach(function (ring) {
      L.circle(o.at, { radius: ring[0], color: o.colour, weight: 1.3, dashArray: '5 4', fill: false, interactive: false }).addTo(group);
      var icon = L.divIcon({ html: '<div class="jq-ring">' + ring[1] + '</div>', iconSize: [0, 0], className: 'jq' });
      L.marker([L.latLng(o.at).toBounds(2 * ring[0]).getNorth(), o.at[1]], { icon: icon, interactive: false, keyboard: false }).addTo(group);
    });
  }

  function picture(map, group, o) {
    L.imageOverlay(o.image, o.bounds, { pane: pane(map, 'tiles'), className: 'jq-cells' }).addTo(group);
    if (o.asks) { map.jiqun.asks = group; }
    map.getContainer().classList.toggle('jq-pictured', o.under);
  }

  // Tiles outlive a redraw: only another address brings others, and the old ones go when those are there.
  function tiles(map, group, o) {
    var m = memory(map), key = o.cells + o.points;
    if (!m.tiles || m.tiles.key !== key) { m.tiles = { key: key, layer: tileLayer(map, o), old: onMap(map, m.tiles), told: o }; }
    var mine = m.tiles, key_card = null;
    group.on('add', function () {
      mine.group = group;
      setTimeout(function () { appear(map, mine, group); }, 0);   // after view() has moved the map, or all would be asked for twice
      key_card = control(map, 'bottomleft', function () { return element('div', 'jq-legend jq-tiles'); });
      mine.key_card = key_card.getContainer();
    });
    group.on('remove', function () {
      if (key_card) { key_card.remove(); key_card = null; }
      if (mine.group === group) { mine.group = null; }
      setTimeout(function () { if (!mine.group && m.tiles === mine) { map.removeLayer(mine.layer); } }, 0);
    });
  }

  // Of the tiles before, those that are drawn: whoever changes filters quickly leaves some that never were.
  function onMap(map, tiles) {
    while (tiles && !map.hasLayer(tiles.layer)) { tiles = tiles.old; }
    return tiles || null;
  }

  function appear(map, mine, group) {
    if (mine.group !== group) { return; }
    if (!map.hasLayer(mine.layer)) { mine.layer.addTo(map); }
    if (mine.old) { replace(map, mine); }
    near(map, mine);
  }

  function tileLayer(map, o) {
    var layer = L.layerGroup([L.tileLayer(o.cells, { pane: pane(map, 'tiles'), maxZoom: o.points_from - 1, className: 'jq-cells', keepBuffer: 1 })]);
    layer.jiqunDots = function () {
      if (Math.round(map.getZoom()) < o.points_from || layer.jiqunAsked) { return; }
      layer.jiqunAsked = true;
      withVectorGrid(o.library, function () { layer.addLayer(dots(map, o)); });
    };
    return layer;
  }

  function dots(map, o) {
    var styles = {};
    styles[o.layer] = function (p) {
      return { fill: true, fillColor: o.colours[p.c] || o.colours[''], fillOpacity: 0.95, color: '#fff', opacity: 0.8, weight: 0.7, radius: 4.5 };
    };
    return L.vectorGrid.protobuf(o.points, { pane: pane(map, 'tiles'), minZoom: o.points_from, maxZoom: 22, rendererFactory: L.canvas.tile,
      vectorTileLayerStyles: styles, keepBuffer: 1 });
  }

  // The library for dots comes when the first dot is wanted; most readers never go so near.
  function withVectorGrid(address, then) {
    if (L.vectorGrid) { then(); return; }
    var script = element('script', '', document.head);
    script.onload = then;
    script.src = address;
  }

  function replace(map, mine) {
    var old = mine.old, loaded = 0, parts = mine.layer.getLayers();
    mine.old = null;
    function gone() { map.removeLayer(old.layer); parts.forEach(function (part) { part.off('load', gone); }); clearTimeout(loaded); }
    parts.forEach(function (part) { part.on('load', gone); });
    loaded = setTimeout(gone, zoomedIn(map, mine) ? 800 : 4000);
  }

  function zoomedIn(map, mine) { return Math.round(map.getZoom()) >= mine.told.points_from; }

  function tiled(map) { var t = memory(map).tiles; return t && t.group ? t : null; }

  // Whether a click is the server's to answer: on an area among tiles or under a picture, and on a hull once single points are drawn.
  function asks(map, kind) {
    if (map.jiqun.asks && map.hasLayer(map.jiqun.asks)) { return kind === 'district'; }
    var t = tiled(map);
    return t && (kind === 'district' || kind === 'ground' && zoomedIn(map, t));
  }

  function where(map, e) { return { lon: e.latlng.lng, lat: e.latlng.lat, zoom: map.getZoom() }; }

  function near(map, mine) { mine.layer.jiqunDots(); scaleKeys(map, mine); }

  // What the cells mean changes with the zoom, and so does their legend.
  function scaleKeys(map, mine) {
    var zoom = Math.round(map.getZoom()), o = mine.told, box = mine.key_card;
    if (zoomedIn(map, mine)) { box.innerHTML = '<div class="keys"><h6>' + o.point_words + '</h6></div>'; return; }
    fetch(o.scale.replace('{z}', zoom)).then(function (r) { return r.json(); }).then(function (scale) {
      if (Math.round(map.getZoom()) !== zoom || mine.key_card !== box) { return; }
      var keys = scale.classes.map(function (k, i) {
        var last = i === scale.classes.length - 1 && i > 0, words = k.from === k.to ? String(k.from) : last ? '≥ ' + many(k.from) : many(k.from) + '–' + many(k.to);
        return '<span class="key"><i style="background:' + k.colour + '"></i>' + words + '</span>';
      });
      var title = o.cell_words.replace('&#123;m&#125;', scale.cell_m ? many(Math.round(scale.cell_m)) : '—');
      box.innerHTML = '<div class="keys"><h6>' + title + '</h6>' + keys.join('') + '</div>';
    });
  }

  function many(n) { return n.toLocaleString('en'); }

  function untilRemoved(group, part) {
    group.on('remove', function () { part.remove(); });
    group.on('add', function () { if (!part._map && group._map) { part.addTo(group._map); } });
  }

  function legend(map, group, o) {
    untilRemoved(group, control(map, 'bottomleft', function () { return element('div', 'jq-legend', null, o.html); }));
  }

  // A far area in its own frame; it stays at its true place in the data and on the map.
  function inset(map, group, o) {
    untilRemoved(group, control(map, 'topright', function () {
      var d = element('button', 'jq-inset');
      d.type = 'button';
      element('b', '', d, o.title);
      var e = element('div', '', d);
      element('span', '', d, o.note);
      d.title = o.hint;
      L.DomEvent.on(d, 'click', function () {
        if (window.Streamlit) { tell(map, { kind: 'district', id: o.id }); } else { open(map, 'district:' + o.id); }
      });
      var m = null;
      new ResizeObserver(function () {
        if (!e.clientWidth || !e.clientHeight) { return; }
        if (m) { m.invalidateSize(false); return; }
        m = L.map(e, { zoomControl: false, attributionControl: false, dragging: false, scrollWheelZoom: false, doubleClickZoom: false,
          boxZoom: false, keyboard: false, touchZoom: false, zoomSnap: 0.05 });
        var g = L.geoJSON(atlas[o.entry], { style: o.style, interactive: false }).addTo(m);
        m.fitBounds(g.getBounds(), { padding: [3, 3] });
      }).observe(e);
      return d;
    }));
  }

  // A layer says whether the reader wants it; st_folium adds every layer, so view() takes the unwanted off again.
  function layer(map, group, o) {
    map.jiqun.layers.push({ group: group, show: o.show });
  }

  // Goes to what is in focus when it changed, opens its card again after a redraw, and leaves the reader's view alone otherwise.
  function view(map, group, o) {
    var m = memory(map);
    map.jiqun.group = group;
    map.jiqun.layers.forEach(function (l) { if (!l.show) { map.removeLayer(l.group); } });
    map.jiqun.layers = [];
    setTimeout(function () { named(map, '.leaflet-control-layers-toggle', map.jiqun.words.layers); }, 0);
    map.jiqun.bounds = o.home;
    m.clear = o.clear;
    if (m.view !== o.focus) {
      m.view = o.focus;
      if (o.point && seen(map, o)) { m.moved = true; } else { go(map, o.bounds || o.home); }
    }
    map.getContainer().classList.toggle('jq-focused', Boolean(o.bounds));
    mark(map);
    hush(map);   // a tooltip of a layer that is gone would stay on the map
    if (o.card) { whenStyled(map, function () { open(map, o.card, o.at); }); }
  }

  // A point that the reader already sees from nearer by is no reason to go away.
  function seen(map, o) { return map.getBounds().contains(o.point) && map.getZoom() >= map.getBoundsZoom(o.bounds); }

  function open(map, asked, at) {
    map.eachLayer(function (layer) {
      if (layer.jiqunId === asked) { layer.fire('click', { latlng: at ? L.latLng(at) : middle(layer) }, true); }
    });
  }

  function middle(layer) {
    return layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter();
  }

  // Tab goes from the map to its buttons, then to one of its marks, then out; the arrows go from mark to mark.
  function byKeyboard(map) {
    var box = map.getContainer(), corners = box.querySelector('.leaflet-control-container');
    box.insertBefore(corners, box.firstChild);
    L.DomEvent.on(box, 'keydown', function (event) {
      if (event.key === 'Enter' && event.target.matches('.leaflet-control-layers-toggle')) {   // which goes when the layers come
        setTimeout(function () { var first = box.querySelector('.leaflet-control-layers-expanded input'); if (first) { first.focus(); } }, 0);
      }
      var popup = box.querySelector('.leaflet-popup'), open = box.querySelector('.leaflet-control-layers-expanded'), to;
      if (event.key !== 'Escape' || !popup && !(open && window.layer_control)) { return; }
      L.DomEvent.stop(event);
      if (popup) { map.closePopup(); to = box.querySelector('.jq-stop'); } else { window.layer_control.collapse(); to = box.querySelector('.leaflet-control-layers-toggle'); }
      (to || box).focus({ preventScroll: true });
    });
  }

  // A mark can be reached and opened from the keyboard, and says what it is.
  function reachable(layer) {
    var e = layer.getElement && layer.getElement(), map = layer._map;
    if (!e) { return; }
    var said = document.createElement('span');
    said.innerHTML = tip(layer.feature.properties).replace(/<br>/g, ' ');
    e.setAttribute('tabindex', '-1'); e.setAttribute('role', 'button'); e.setAttribute('aria-label', said.textContent);
    e.jiqunId = layer.jiqunId;
    L.DomEvent.on(e, 'keydown', function (event) {
      if (event.key === 'Enter' || event.key === ' ') { L.DomEvent.stop(event); layer.fire('click', { latlng: middle(layer) }, true); }
      if (STEPS[event.key]) { L.DomEvent.stop(event); step(map, e, STEPS[event.key]); }
    });
    L.DomEvent.on(e, 'focus', function () { stopAt(map, e); memory(map).stop = e.jiqunId; });
    L.DomEvent.on(e, 'blur', function () { memory(map).lost = e; });
    stops(map);
  }

  var STEPS = {
    ArrowRight: function (at) { return at + 1; }, ArrowDown: function (at) { return at + 1; },
    ArrowLeft: function (at) { return at - 1; }, ArrowUp: function (at) { return at - 1; },
    Home: function () { return 0; }, End: function (at, many) { return many - 1; }
  };

  // Those that can be seen: what lies outside the frame has no size.
  function marks(map) {
    return Array.from(map.getPane('mapPane').querySelectorAll('[role="button"].leaflet-interactive')).filter(function (e) {
      return e.getBoundingClientRect().width > 0;
    });
  }

  function step(map, from, to) {
    var all = marks(map), many = all.length;
    all[(to(all.indexOf(from), many) + many) % many].focus();
  }

  function stopAt(map, e) {
    map.getContainer().querySelectorAll('.jq-stop').forEach(function (old) { old.classList.remove('jq-stop'); old.setAttribute('tabindex', '-1'); });
    e.classList.add('jq-stop');
    e.setAttribute('tabindex', '0');
  }

  // After a redraw the same mark is the one to stop at, and has the focus again if it had it.
  function stops(map) {
    var m = memory(map);
    clearTimeout(m.stops);
    m.stops = setTimeout(function () {
      var all = marks(map), same = all.find(function (e) { return e.jiqunId === m.stop; });
      if (!all.length) { return; }
      stopAt(map, same || all[0]);
      if (same && m.lost && !m.lost.isConnected && document.hasFocus() && document.activeElement === document.body) { same.focus({ preventScroll: true }); }
    }, 0);
  }

  return { know: know, frame: frame, layer: layer, features: features, tiles: tiles, picture: picture, rings: rings, outline: outline, legend: legend, inset: inset, view: view };
})();
