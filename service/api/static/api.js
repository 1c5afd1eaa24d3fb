// Shows the API's description with Swagger UI, which the page has loaded as the global SwaggerUIBundle.

const place = document.querySelector("#api");

globalThis.SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  deepLinking: true,
  displayRequestDuration: true,
  // No badge of an outside validator: nothing of the description leaves this service.
  validatorUrl: null,
});
