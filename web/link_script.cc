#include "web/link_script.h"

namespace cairn::web {

const std::string_view kLinkScript = R"js('use strict';
(() => {
  const form = document.querySelector('form.upload');
  if (!form) return;
  const add = (parent, tag, text) => {
    const element = document.createElement(tag);
    element.textContent = text;
    return parent.appendChild(element);
  };

  // {done, problem} of one file, or null when the link does not let one in any more.
  const send = (file, bar, say) => new Promise((resolve) => {
    const data = new FormData();
    const nickname = form.elements.nickname;
    if (nickname) data.append('nickname', nickname.value);
    data.append('file', file);
    const request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
    request.upload.addEventListener('progress', (event) => {
      if (!event.lengthComputable || event.total === 0) return;
      bar.value = event.loaded / event.total;
      say(event.loaded === event.total ? 'being stored' : Math.floor(bar.value * 100) + ' %');
    });
    request.addEventListener('error', () => resolve({done: 0, problem: 'connection'}));
    request.addEventListener('load', () => {
      if (request.status === 401 || request.status === 404) return resolve(null);
      try {
        resolve(request.status === 200 ? JSON.parse(request.responseText) : {done: 0, problem: 'failed'});
      } catch (error) {
        resolve({done: 0, problem: 'failed'});
      }
    });
    request.send(data);
  });

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const files = Array.from(form.elements.file.files);
    const button = form.querySelector('button');
    button.disabled = true;
    const status = add(form, 'p', '');
    status.setAttribute('role', 'status');
    const list = add(form, 'ul', '');
    list.className = 'uploads';
    const rows = files.map((file) => {
      const item = add(list, 'li', '');
      add(item, 'span', file.name);
      const bar = add(item, 'progress', '');
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute('aria-label', file.name);
      const word = add(item, 'span', 'waiting');
      return {bar, say: (text) => { word.textContent = text; }};
    });
    const leave = (unload) => unload.preventDefault();
    window.addEventListener('beforeunload', leave);
    let done = 0;
    let problem = '';
    for (let i = 0; i < files.length; ++i) {
      status.textContent = 'Uploading file ' + (i + 1) + ' of ' + files.length;
      const outcome = await send(files[i], rows[i].bar, rows[i].say);
      if (outcome === null) break;
      done += outcome.done;
      problem = problem || outcome.problem;
      rows[i].bar.value = 1;
      rows[i].say(outcome.done ? 'uploaded' : 'not uploaded');
    }
    window.removeEventListener('beforeunload', leave);
    const page = new URL(form.dataset.page, location.href);
    page.searchParams.set('done', done);
    if (problem) page.searchParams.set('problem', problem);
    location.assign(page);
  });
})();
)js";

}  // namespace cairn::web
