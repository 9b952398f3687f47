'use strict';

const template = document.getElementById('figures');
for (const article of document.querySelectorAll('article')) article.append(template.content.cloneNode(true));

async function post(button) {
  const into = button.dataset.into ? document.getElementById(button.dataset.into) : button.closest('article').querySelector('.said');
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.post, { method: 'POST' });
    into.textContent = answer.ok ? (await answer.json()).text : `The server answered ${answer.status}`;
  } catch {
    into.textContent = 'The server does not answer';
  }
  button.disabled = false;
  await show();
}

for (const button of document.querySelectorAll('[data-post]')) button.addEventListener('click', () => post(button));

// Ten times slower is one line up: hits take a fraction of a millisecond, the database tens of them.
const height = ms => 86 - Math.max(0, Math.min(82, 82 * (Math.log10(ms) + 1) / 4));

function line(values) {
  if (values.length < 2) return '';
  return values.map((ms, i) => `${i ? 'L' : 'M'}${(320 * i / (values.length - 1)).toFixed(1)} ${height(ms).toFixed(1)}`).join('');
}

function number(value, isTime) {
  if (value === null) return '–';
  if (!isTime) return value.toLocaleString('en');
  return `${value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

async function show() {
  const stats = await (await fetch('/api/stats')).json();
  for (const [story, figures] of Object.entries(stats)) {
    const article = document.querySelector(`[data-story="${story}"]`);
    for (const cell of article.querySelectorAll('[data-of]')) {
      const value = cell.dataset.of.split('.').reduce((at, name) => at[name], figures);
      cell.textContent = number(value, 'ms' in cell.dataset);
    }
    article.querySelector('path.cached').setAttribute('d', line(figures.cached.latest));
    article.querySelector('path.direct').setAttribute('d', line(figures.direct.latest));
  }
}

for (const grid of document.querySelectorAll('.grid'))
  grid.innerHTML = [0.1, 1, 10, 100, 1000].map(ms => `<line x1="0" x2="320" y1="${height(ms)}" y2="${height(ms)}"/>`).join('');

const steady = [
  () => `/api/blog/read?id=${1 + Math.floor(Math.random() * 20)}&readers=5&cached=true`,
  () => '/api/cricket/read?readers=5&cached=true',
  () => '/api/tweet/read?readers=5&cached=true',
];
setInterval(() => {
  if (document.getElementById('live').checked) for (const url of steady) fetch(url(), { method: 'POST' }).catch(() => {});
}, 500);
setInterval(() => show().catch(() => {}), 1000);
show();
