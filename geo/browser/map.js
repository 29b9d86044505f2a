// What every Jiqun map does beside Folium: its frame, legend, inset and view. Text arrives already made safe by geo/web_assets.py.
window.jiqun = (function () {
  'use strict';
  var remembered = {};   // per map id: what survives when layers are drawn again

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
      L.DomEvent.on(a, 'click', function (e) { L.DomEvent.stop(e); map.closePopup(); go(map, map.jiqun.bounds); tell(map, { kind: 'home' }); });
      return bar;
    });
    if (o.watermark) { watermark(box, o.watermark); }
    map.jiqun = o;
    o.layers = [];
    map.on('popupopen', function () { named(map, '.leaflet-popup-close-button', o.words.close); });
    map.on('zoomend', function () { mark(map); });
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
    var edge = map.getSize().x < 600 ? 6 : 14, legend = map.getContainer().querySelector('.jq-legend');
    map.fitBounds(bounds, { paddingTopLeft: [edge, edge], paddingBottomRight: [edge, m.clear && legend ? legend.offsetHeight + 26 : edge],
      maxZoom: 14, animate: false });
    mark(map);
  }

  // Names of places that would lie on another name or leave the frame stay hidden; the first drawn wins.
  function declutter(map) {
    var taken = [], width = map.getSize().x, frame = map.getContainer().getBoundingClientRect();
    map.getContainer().querySelectorAll('.jq-label b').forEach(function (e) { taken.push(e.getBoundingClientRect()); });
    map.getContainer().querySelectorAll('.jq-place').forEach(function (e) {
      e.style.visibility = 'hidden';
      var r = e.getBoundingClientRect();
      var free = r.right - frame.left < width && taken.every(function (o) {
        return r.right < o.left || o.right < r.left || r.bottom < o.top || o.bottom < r.top;
      });
      if (free) { e.style.visibility = ''; taken.push(r); }
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

  // A feature answers a click with its kind and id alone, never with its whole geometry; its words come and go with it.
  function each(feature, layer) {
    var p = feature.properties;
    layer.toGeoJSON = function () { return { type: 'Feature', properties: { kind: p.kind, id: p.id } }; };
    layer.jiqunId = p.kind + ':' + p.id;
    if (layer.getRadius) { layer.jiqunRadius = layer.getRadius(); }
    var beside = (p.words || []).map(function (w) {
      var icon = L.divIcon({ html: w[2], iconSize: [0, 0], className: 'jq' });
      return L.marker([w[0], w[1]], { icon: icon, interactive: false, keyboard: false });
    });
    if (p.uncertainty) {
      beside.push(L.circle(layer.getLatLng(), { radius: p.uncertainty, weight: 0.8, dashArray: '2 3', interactive: false, className: 'jq-uncertain' }));
    }
    layer.on('add', function () { reachable(layer); beside.forEach(function (part) { part.addTo(layer._map); }); });
    layer.on('remove', function () { beside.forEach(function (part) { part.remove(); }); });
  }

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
        var g = L.geoJSON(o.geometry, { style: o.style, interactive: false }).addTo(m);
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
      go(map, o.bounds || o.home);
    }
    map.getContainer().classList.toggle('jq-focused', Boolean(o.bounds));
    mark(map);
    // a tooltip of a layer that is gone would stay on the map
    map.eachLayer(function (layer) { if (layer instanceof L.Tooltip) { map.closeTooltip(layer); } });
    if (o.card) { whenStyled(map, function () { open(map, o.card, o.at); }); }
  }

  // The popup belongs to the group of the layer: a click that bubbles is the public way to open it.
  function open(map, asked, at) {
    map.eachLayer(function (layer) {
      if (layer.jiqunId === asked) { layer.fire('click', { latlng: at ? L.latLng(at) : middle(layer) }, true); }
    });
  }

  function middle(layer) {
    return layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter();
  }

  // A mark can be reached and opened from the keyboard, and says what it is.
  function reachable(layer) {
    var e = layer.getElement && layer.getElement();
    if (!e) { return; }
    var said = document.createElement('span');
    said.innerHTML = layer.feature.properties.tip;
    e.setAttribute('tabindex', '0'); e.setAttribute('role', 'button'); e.setAttribute('aria-label', said.textContent);
    L.DomEvent.on(e, 'keydown', function (event) {
      if (event.key === 'Enter' || event.key === ' ') { L.DomEvent.stop(event); layer.fire('click', { latlng: middle(layer) }, true); }
    });
  }

  return { frame: frame, layer: layer, legend: legend, inset: inset, view: view, each: each, tell: tell };
})();
