// The worker of classic-worker.html.
importScripts('/native/gegl.js', '/js/gegl-wrapper.js', '/bundles/cases.js');
